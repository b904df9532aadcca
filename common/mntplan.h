/*
 * mntplan.h - the root, the working directory and the mounts that the command finds
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 *
 * Order: root, working directory, proc, sysfs, binfmt_misc; a relative directory is
 * relative to what was set before.  But proc and sysfs are made before the root is
 * changed, and only put in their places afterwards: the kernel lets a user namespace
 * have no more of them than it can see.
 */
#ifndef MNTPLAN_H
#define MNTPLAN_H

#include <stdbool.h>

#include "message.h"
#include "mnt.h"
#include "opts.h"

/* Where proc must be for binfmt_misc to have its usual place. */
#define MNTPLAN_BINFMT "/proc/sys/fs/binfmt_misc"

/* What mntplan_options ask for. */
struct mntplan_request {
	const char *proc, *sys, *binfmt, *interpreter;
	int propagation;
	const char *root, *wd;
	bool pivot;
};

extern const struct opt mntplan_options[];

/* NULL is "not asked for" throughout. */
struct mntplan {
	int without;           /* CLONE_NEW* that --no-TYPE left out, for hints */
	bool proc_is_optional; /* --no-mount-proc would leave it out, for hints */
	enum mnt_propagation propagation;
	const char *root;
	bool pivot; /* by pivot_root(2), and the old root is let go of */
	const char *wd;
	const char *proc, *sys, *binfmt; /* where they are mounted */
	const char *interpreter;         /* to be registered in binfmt */
};

/* Is binfmt_misc to be mounted in proc, so that this must be there, too? */
bool mntplan_needs_proc(const struct mntplan_request *request);

/* What was asked for, and what that needs; `without` and `proc_is_optional` stay.  0, or -1 with *f. */
int mntplan_make(struct mntplan *plan, const struct mntplan_request *request, struct failure *f);

/*
 * Proc and sysfs show a namespace, and only the root of its owner may mount them.
 * Would it be theirs, once the CLONE_NEW* flags are new; and forks: the command is a
 * child, which is in a new PID namespace?  Returns 0, or -1 with *f.
 */
int mntplan_check_rights(const struct mntplan *plan, int flags, bool forks, struct failure *f);

/* Would it show a namespace that is not new, once the CLONE_NEW* flags are? */
bool mntplan_shows_old(const struct mnt_pseudo *fs, int flags, bool forks);

/* For a dry run: could the directories be used?  Returns 0, or -1 with *f. */
int mntplan_check(const struct mntplan *plan, struct failure *f);

/*
 * Does it all, in a mount namespace of our own but for root and wd.  Returns 0, or
 * -1 with *f.
 */
int mntplan_settle(const struct mntplan *plan, struct failure *f);

#endif
