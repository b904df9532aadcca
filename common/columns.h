/*
 * columns.h - the columns of a list of namespaces, each stated once
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 *
 * lsns(8)'s columns come first, in its order and with its meaning.
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "census.h"
#include "show.h"

enum column_id {
	COLUMN_NS,
	COLUMN_TYPE,
	COLUMN_PATH,
	COLUMN_NPROCS,
	COLUMN_PID,
	COLUMN_PPID,
	COLUMN_COMMAND,
	COLUMN_UID,
	COLUMN_USER,
	COLUMN_NETNSID,
	COLUMN_NSFS,
	COLUMN_PNS,
	COLUMN_ONS,
	COLUMN_NAME,
	COLUMN_WHY,
	COLUMN_HOLDER,
	COLUMN_LEVEL,
	COLUMN_UIDMAP,
	COLUMN_GIDMAP,
	COLUMN_NSPID,
	COLUMN_START,
	COLUMN_CGROUP,
	COLUMN_NSID,
	COLUMN_COUNT,
};

/* What a line of the list stands for. */
struct row {
	struct census_ns *ns;
	struct census_process *process; /* in it, or NULL: it has none that can be read */
};

struct user;

/* What the texts of columns are made from. */
struct columns {
	const struct census *census;
	const struct show_options *show;
	char separator; /* between the mount points of one namespace: '\n' or ',' */
	int netlink;    /* a socket for NETNSID, or -1 */
	int64_t boot_time;
	uint64_t *oldest; /* START, by census_ns.position; NULL: not wanted */
	void *users;      /* names of users, a tree of tsearch(3) */
	const struct user *last_user;
};

struct column {
	const char *name;
	double width;
	int flags; /* SHOW_* */
	int needs; /* CENSUS_*, what the census must have read for it */
	/* The text for a row, to be freed; NULL: unknown, or there is none. */
	char *(*text)(struct columns *columns, const struct row *row);
	const char *help;
};

extern const struct column column_table[COLUMN_COUNT];

/* The column of this name, in ASCII letters of any case, `length` bytes; or COLUMN_COUNT. */
enum column_id column_find(const char *name, size_t length);

/*
 * Prepares for the texts of columns in the mask wanted (1 << COLUMN_...); what fails to
 * be read leaves its cells empty.  The census and the options must outlive it.
 */
void columns_start(struct columns *columns, const struct census *census, uint32_t wanted,
		   const struct show_options *show, char separator);
void columns_end(struct columns *columns);

#endif
