/*
 * listing.h - lists and trees of namespaces, or of the processes in them
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 */
#ifndef LISTING_H
#define LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "columns.h"
#include "nsref.h"
#include "show.h"

/* What a line stands below in a tree. */
enum listing_tree {
	LISTING_FLAT,
	LISTING_BY_PROCESS, /* that of the parent of its process */
	LISTING_BY_OWNER,   /* the namespace that owns it */
	LISTING_BY_PARENT,  /* its parent namespace, or where there is none its owner */
};

enum { LISTING_COLUMNS = 2 * COLUMN_COUNT };

struct listing {
	struct show_options show;
	enum listing_tree tree;
	bool no_cut, no_wrap;
	bool persistent; /* only namespaces without processes */
	bool pinned;     /* only those of pinned sets */
	int flags;       /* types, CLONE_NEW* */
	enum column_id column[LISTING_COLUMNS];
	size_t columns;
	struct show_filter *filter;        /* or NULL */
	const struct nsref_target *target; /* empty: all namespaces */
	size_t targets;
};

/* What is shown if -o does not say: as in lsns(8), but for NAME. */
enum listing_defaults {
	LISTING_PLAIN,
	LISTING_NAMED,
	LISTING_NET,               /* network namespaces are asked for */
	LISTING_PROCESSES,         /* of one namespace */
	LISTING_PROCESSES_OF_MANY, /* of several */
};

extern const char *const listing_defaults[]; /* texts as of -o */

/*
 * Sets the columns from the text of -o: "NAME,..." in their place, "+NAME,..." after
 * them.  Returns 0, or -1 and f.
 */
int listing_set_columns(struct listing *listing, const char *text, struct failure *f);

/* Sets the filter from the text of -Q, the columns of which must exist.  Returns 0, or -1 and f. */
int listing_set_filter(struct listing *listing, const char *text, struct failure *f);

/* Do the columns, those of the filter too, need the census to have read this: CENSUS_*? */
int listing_needs(const struct listing *listing);

/* Writes the list to file.  Returns 0, or -1 and f. */
int listing_print(const struct listing *listing, const struct census *census, FILE *file,
		  struct failure *f);

/* Writes the list of columns (-H). */
int listing_print_columns(const struct show_options *options, FILE *file, struct failure *f);

#endif
