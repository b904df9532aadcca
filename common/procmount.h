/*
 * procmount.h - the proc of a PID namespace: is it there, whom would it harm, mount it
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 *
 * A proc shows the PID namespace of the process that mounted it, to every process of the
 * mount namespace that it is mounted in (proc(5), pid_namespaces(7)).  So a process that
 * is in a new PID namespace, but still in the mount namespace of others, would take their
 * processes out of their sight.
 */
#ifndef PROCMOUNT_H
#define PROCMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "message.h"
#include "mnt.h"
#include "target.h"

/* For whom a proc is meant, and where it is to be. */
struct procmount {
	int proc;         /* through which processes are seen, or -1: none is there */
	pid_t tool;       /* what we are there, before a fork; 0: not in it */
	ino_t mnt, pid;   /* the namespaces that it is for; 0: unknown */
	bool is_doubtful; /* who cannot be read could well be in this mount namespace */
	bool is_left;     /* our children are in another PID namespace than we (unshare(2)) */
	int target;       /* /proc/PID of whom it is for, who has not been joined, or -1 */
	int root;         /* the directory below which dir is found, or -1: our own */
	const char *dir;
	int at; /* that directory, resolved once, or -1 */
};

/* A process in the same mount namespace. */
struct procmount_process {
	pid_t pid; /* in the proc that was looked through */
	bool is_outside;
	char command[24];
};

struct procmount_others {
	struct procmount_process *process; /* to be freed */
	size_t count, outside;
	size_t unread; /* that could be in it */
	bool is_known; /* there was a proc to look through, and it hides nobody */
};

/* Before anything is joined: opens the proc at /proc, if one is there. */
void procmount_start(struct procmount *pm, const char *dir);

/* It is for this process as it is by now. */
void procmount_take_own(struct procmount *pm);

/* It is for this target, which has not been joined, and is not let go of; pid, if not -1, is a PID namespace to be taken for its own. */
void procmount_take_target(struct procmount *pm, const struct target *target, int pid);

/*
 * Resolves pm->dir, once, by mnt_open_directory(); the root directory is refused.  verb: as
 * there.  Returns 0, or -1 with *f.
 */
int procmount_resolve(struct procmount *pm, const char *verb, struct failure *f);

/*
 * How many PIDs this process has in the proc at fd: 1: it shows our PID namespace, n: one
 * that is n-1 levels above; 0: another one; -1: it is no proc.  Exact ("NSpid", 4.1).
 */
int procmount_levels(int fd);

/* The PID namespace that the proc at fd shows, where a process in it may be read; or 0. */
ino_t procmount_shown(int fd);

/* Does the proc at pm->at show what it should?  In a dry run for a target as far as can be read. */
bool procmount_matches(const struct procmount *pm);

/*
 * Looks for every other process that has a thread in this mount namespace.  It is outside,
 * if it is neither in our PID namespace nor in one below it, and is not the parent that
 * waits for the PID namespace's first process.  Returns 0, or -1 with *f.
 */
int procmount_find_others(const struct procmount *pm, struct procmount_others *others,
			  struct failure *f);
void procmount_free_others(struct procmount_others *others);

/*
 * Refuses to mount where somebody outside would see it, or where a proc would be covered
 * and nobody can be looked for.  Returns 0, or -1 with *f.
 */
int procmount_refuse_others(const struct procmount *pm, struct failure *f);

/* What the table of mounts says of the mount that pm->at is in. */
struct procmount_place {
	bool is_known, is_shared, is_slave;
	char options[256]; /* of the mount and of the file system */
	char **masks;      /* mount points that cover parts of it, to be freed */
	size_t mask_count;
};

void procmount_find_place(const struct procmount *pm, struct procmount_place *place);
void procmount_free_place(struct procmount_place *place);

/*
 * Mounts our proc on pm->at, seen by no other mount namespace, and verifies that it is
 * what is found at pm->dir then; else it is unmounted again.  A refusal is explained.
 * Returns 0, or -1 with *f; 1 where it is mounted, but others see that pm->dir was bound on
 * itself for it.
 */
int procmount_mount(const struct procmount *pm, const struct mnt_options *options,
		    struct failure *f);

/* Is the proc that there is at /proc the one at pm->at? */
bool procmount_is_there(const struct procmount *pm);

/* Binds the proc that there is at /proc on it, as procmount_mount() mounts one, and returns. */
int procmount_bind(const struct procmount *pm, struct failure *f);

#endif
