/*
 * nsset.h - create a set of namespaces, in the order that works
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 *
 * Two processes can take part.  The tool itself leaves for the new namespaces.
 * What needs the old ones, or privilege there, is done by a process forked before,
 * which stays outside: maps of other IDs than one's own, and namespaces kept at
 * files.  It undoes what it did when the tool ends without nsset_commit().
 */
#ifndef NSSET_H
#define NSSET_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "idplan.h"
#include "message.h"
#include "mnt.h"
#include "nstype.h"
#include "timens.h"

/* What is to be made; filled in by the tool, completed by nsset_prepare(). */
struct nsset_plan {
	int flags;             /* CLONE_NEW* */
	int optional, without; /* those that --no-TYPE would leave out, and did, for hints */
	bool forks;            /* the command will be a child of the tool */
	size_t pins;
	struct mnt_pin pin[NSTYPE_COUNT];
	struct idplan ids;
	struct timens_clock monotonic, boottime;
	enum mnt_propagation propagation;
	bool loopback;
	const char *hostname, *domainname; /* or NULL */

	bool outside;              /* by nsset_prepare(): a process stays outside */
	char uid_helper[PATH_MAX]; /* newuidmap, or empty */
	char gid_helper[PATH_MAX];
};

/* A set in the making. */
struct nsset {
	struct nsset_plan *plan;
	pid_t pid;         /* of the tool */
	int proc;          /* its /proc/PID, or -1 where nothing there is needed */
	int outside;       /* socket to the process outside, or -1 */
	pid_t outside_pid; /* to be reaped; 0 where somebody else does */
};

/*
 * The namespace of this type, among plan->flags, is to be kept at file, where no
 * other is.  A pid namespace needs a first process: plan->forks.  Returns 0, or -1
 * with *f.
 */
int nsset_add_pin(struct nsset_plan *plan, const struct nstype *type, const char *file,
		  struct failure *f);

/*
 * Decides who writes the maps, finds the helpers, checks the files.  Changes
 * nothing.  Returns 0, or -1 with *f.
 */
int nsset_prepare(struct nsset_plan *plan, struct failure *f);

/*
 * Creates the namespaces and makes this process a member (its children, for pid
 * and time), writes maps and clock offsets, sets propagation, brings up lo.  The
 * caller has blocked its signals and made SIGCHLD arrive (child_hold_signals()).
 * Returns 0, or -1 with *f; then the tool can only end.
 */
int nsset_create(struct nsset *set, struct nsset_plan *plan, struct failure *f);

/* Keeps namespaces at plan->pin[]; a pid type needs its first process.  Returns 0, or -1 with *f. */
int nsset_keep_pins(struct nsset *set, struct failure *f);

/* The command is executed (or about to be): what was made stays. */
void nsset_commit(struct nsset *set);

/* In a forked child: the process outside is the parent's affair. */
void nsset_leave_to_parent(struct nsset *set);

/* It was not: what was made outside is undone, and done so on return. */
void nsset_abandon(struct nsset *set);

#endif
