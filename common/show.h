/*
 * show.h - tables, trees and lists of JSON objects, by libsmartcols
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 *
 * The only user of libsmartcols.  What goes into a heading or a cell is taken as it is:
 * here, every byte that is not printable UTF-8 becomes \xNN and a backslash \\, so that no name of a
 * process or file can forge a line or reach the terminal.
 */
#ifndef SHOW_H
#define SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "message.h"

enum show_flags {
	SHOW_RIGHT = 1 << 0,   /* align to the right */
	SHOW_NUMBER = 1 << 1,  /* a number in JSON, null where the cell is empty */
	SHOW_CUT = 1 << 2,     /* cut where the terminal is too narrow */
	SHOW_LINES = 1 << 3,   /* a cell may have several lines */
	SHOW_TREE = 1 << 4,    /* draw the tree here */
	SHOW_HIDDEN = 1 << 5,  /* for the filter only */
	SHOW_ESCAPED = 1 << 6, /* the cells are made of what show_cell() returned */
};

struct show_column {
	const char *name;
	double width; /* columns; below 1 a share of the terminal's, 0: what is needed */
	int flags;
};

struct show_options {
	const char *name; /* of the list, in JSON */
	bool json, raw, no_headings, color;
};

struct show;
struct show_line;
struct show_filter;

/* Starts a table of these columns; NULL with errno. */
struct show *show_start(const struct show_options *options, const struct show_column *column,
			size_t columns);

/*
 * Adds a line and stores it at *line, where it lives as long as the table; NULL where the
 * filter leaves it out.  cell[] has a text or NULL for each column; color is the sequence that
 * begins it on the terminal, or NULL.  Returns 0, or -1 with errno.
 */
int show_add(struct show *show, char *const cell[], const char *color, struct show_line **line);

/* Moves a line, and what is below it, below another, unless one of them is NULL. */
int show_attach(struct show_line *line, struct show_line *parent);

/* Writes the table to file. */
int show_print(struct show *show, FILE *file);

void show_free(struct show *show);

/*
 * The end of a table: writes it if status is 0, and frees it.  Returns 0; else, also where
 * status is not 0, -1 and f, "cannot VERB", from errno.
 */
int show_finish(struct show *show, int status, const char *verb, FILE *file, struct failure *f);

/*
 * A filter, scols-filter(5), which libsmartcols has from 2.40 on: else, and where the
 * expression is wrong, NULL and f says so.
 */
struct show_filter *show_filter_new(const char *expression, struct failure *f);
void show_filter_free(struct show_filter *filter);

/* Calls found(context, name) for each column that the filter names, until that is not 0. */
int show_filter_columns(struct show_filter *filter, int (*found)(void *context, const char *name),
			void *context);

/* Applies the filter to all lines that are added; it must outlive the table. */
void show_set_filter(struct show *show, struct show_filter *filter);

/* Is this a UTF-8 locale, as setlocale(3) has set it? */
bool show_is_utf8(void);

/* The text as a cell has it, escaped, in ASCII alone if so wanted; to be freed.  NULL: ENOMEM. */
char *show_escape(const char *text, bool ascii);

/* The same for a cell of a table with these options. */
char *show_cell(const struct show_options *options, const char *text);

#endif
