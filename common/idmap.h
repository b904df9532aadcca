/*
 * idmap.h - maps of user and group IDs: what was asked for, checked, and written
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 *
 * The rules are those of user_namespaces(7), "User and group ID mappings": each
 * map is written once, in one write, by a process of the parent user namespace or
 * of the namespace itself.
 */
#ifndef IDMAP_H
#define IDMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel.h"
#include "message.h"

/* What differs between users and groups. */
struct idmap_kind {
	const char *noun;          /* "user" */
	const char *map;           /* below /proc/PID: "uid_map" */
	const char *option;        /* the option that adds ranges: "--map-users" */
	const char *single_option; /* the option that maps the caller: "--map-user" */
	const char *subids;        /* subid(5): "/etc/subuid" */
	const char *usermod;       /* usermod(8)'s option that adds subordinate IDs */
	const char *helper;        /* newuidmap(1) */
	unsigned capability;       /* that lets a process of the parent write any map */
};

extern const struct idmap_kind idmap_users, idmap_groups;

/* What is written to /proc/PID/setgroups; 0: nothing. */
enum idmap_setgroups {
	SETGROUPS_ALLOW = 1,
	SETGROUPS_DENY,
};

struct idrange {
	uint32_t inner, outer, count;
	bool open_ended; /* "auto": inner IDs may be shifted without losing the last */
};

struct idmap {
	size_t ranges; /* 0: no map is written */
	size_t bytes;  /* of its text; the kernel takes less than a page */
	struct idrange range[KERNEL_IDMAP_LINES];
};

/*
 * Adds what one --map-users or --map-groups says: INNER:OUTER:COUNT, the old
 * OUTER,INNER,COUNT, "auto" (the first block of the caller's subordinate IDs, from
 * 0), "subids" (the same block mapped to itself) or "all" (each ID that the
 * caller's own user namespace has, mapped to itself).  Returns 0, or -1 with *f.
 */
int idmap_add(struct idmap *map, const struct idmap_kind *kind, const char *text,
	      struct failure *f);

/* Refuses, naming both, ranges that overlap inside or outside. */
int idmap_check(const struct idmap *map, const struct idmap_kind *kind, struct failure *f);

/*
 * Puts the single pair inner, outer first.  Other ranges leave both IDs out; what
 * follows is shifted, and a range that had one of them loses its last ID.
 */
int idmap_add_single(struct idmap *map, const struct idmap_kind *kind, uint32_t inner,
		     uint32_t outer, struct failure *f);

/* What the parent's ID outer is inside; the overflow ID where it is not mapped. */
uint32_t idmap_to_inner(const struct idmap *map, uint32_t outer);

bool idmap_has_inner(const struct idmap *map, uint32_t inner);

/* Has one line of the map all of these, as the kernel demands of a line that refers to it? */
bool idmap_has_inner_range(const struct idmap *map, uint32_t inner, uint32_t count);

/*
 * Reads our own user namespace's map; self is our /proc/PID as a directory, where that
 * was opened before, or -1.  Returns 0, or -1 with *f.
 */
int idmap_read(const struct idmap_kind *kind, int self, struct idmap *own, struct failure *f);

/* Is inner mapped in our own user namespace? */
bool idmap_own_has(const struct idmap_kind *kind, uint32_t inner);

/* Does it map one ID alone, this one of the parent's? */
bool idmap_is_single(const struct idmap *map, uint32_t outer);

/* IDs of a map that are not for the caller to map. */
struct idmap_foreign {
	char user[64]; /* the caller's name, or number */
	struct idrange range;
	bool is_free; /* it could become his: it is nobody's, and where subordinate IDs are */
};

/*
 * Finds a range that is neither the caller's own ID, nor among his subordinate IDs in
 * subid(5); false where there is none, or that cannot be read.
 */
bool idmap_find_foreign(const struct idmap *map, const struct idmap_kind *kind, uint32_t id,
			struct idmap_foreign *found);

/* May this process write the map of a child user namespace itself?  own: its effective ID. */
bool idmap_may_write(const struct idmap *map, const struct idmap_kind *kind, uint32_t own);

/*
 * Finds the set-user-ID helper in the list fixed at build time, never in PATH.
 * path has size bytes.  Returns 0, or -1 with *f: missing, or without privilege.
 */
int idmap_find_helper(const struct idmap_kind *kind, char *path, size_t size, struct failure *f);

/* Whose map is written: /proc/PID as a directory fd, the PID, and a name for narration. */
struct idmap_target {
	int proc;
	pid_t pid;
	const char *label; /* "/proc/self", "/proc/1234" */
};

/*
 * Writes the map, if it has ranges; through the program helper, unless that is
 * empty.  Returns 0, or -1 with *f.
 */
int idmap_write(const struct idmap *map, const struct idmap_kind *kind,
		const struct idmap_target *target, const char *helper, struct failure *f);

#endif
