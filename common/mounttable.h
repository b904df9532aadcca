/*
 * mounttable.h - the language of mount options, and the table of mounts, by libmount
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 *
 * The only user of libmount.
 */
#ifndef MOUNTTABLE_H
#define MOUNTTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "message.h"
#include "mnt.h"

/*
 * Takes a list of options of a proc, as mount(8)'s -o: those of proc(5), and ro, rw,
 * noatime, nodiratime, strictatime and their like.  What proc does not have, what only
 * changes a mount that exists, and a value out of range are refused by name.  As there,
 * empty words do not count, and of an option that comes twice the last is in force.
 * Returns 0, or -1 with *f.
 */
int mounttable_parse_options(const char *list, struct mnt_options *options, struct failure *f);

struct mounttable;

struct mounttable_entry {
	int id, parent; /* statx(2), stx_mnt_id */
	const char *mount_point, *root, *type, *options, *fs_options;
	bool is_shared, is_slave;
};

/* Reads an open mountinfo (proc_pid_mountinfo(5)).  Returns NULL with errno. */
struct mounttable *mounttable_read(FILE *mountinfo);
void mounttable_free(struct mounttable *table);

/* Calls found(context, entry) for each mount, in the file's order. */
void mounttable_each(struct mounttable *table,
		     void (*found)(void *context, const struct mounttable_entry *entry),
		     void *context);

/* The mount of this ID; false: it is not there. */
bool mounttable_find(struct mounttable *table, int id, struct mounttable_entry *entry);

#endif
