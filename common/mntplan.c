/*
 * mntplan.c - the root, the working directory and the mounts that the command finds
 *
 * SPDX-License-Identifier: MIT
 */
#include "mntplan.h"

#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "explain.h"
#include "explainmnt.h"
#include "kernel.h"
#include "nstype.h"
#include "trace.h"

/* Its address tells that no directory was given. */
static const char binfmt_default[] = MNTPLAN_BINFMT;

static const struct opt_choice propagations[] = {
	{ "private", MNT_PRIVATE },
	{ "slave", MNT_SLAVE },
	{ "shared", MNT_SHARED },
	{ "unchanged", MNT_UNCHANGED },
	{ 0 },
};

#define FIELD(member) .field = offsetof(struct mntplan_request, member)

/* clang-format off */
const struct opt mntplan_options[] = {
	{ .kind = OPT_GROUP, .help = "Files and directories" },
	{ .kind = OPT_TEXT, .name = "mount-proc", .arg = "DIR", .optional = true,
	  .fallback = "/proc", FIELD(proc), .implies = "mount\0",
	  .help = "mount proc on DIR (/proc)" },
	{ .kind = OPT_TEXT, .name = "mount-sys", .arg = "DIR", .optional = true, .ours = true,
	  .fallback = "/sys", FIELD(sys), .implies = "mount\0",
	  .help = "mount the sysfs of the network namespace on DIR (/sys)" },
	{ .kind = OPT_TEXT, .name = "mount-binfmt", .arg = "DIR", .optional = true,
	  .fallback = binfmt_default, FIELD(binfmt), .implies = "mount\0user\0",
	  .help = "mount binfmt_misc on DIR (/proc/sys/fs/binfmt_misc)" },
	{ .kind = OPT_TEXT, .letter = 'l', .name = "load-interp", .arg = "STRING",
	  FIELD(interpreter), .implies = "mount\0user\0",
	  .help = "register an interpreter, :name:type:offset:magic:mask:interpreter:flags" },
	{ .kind = OPT_CHOICE, .name = "propagation", .arg = "MODE", .choices = propagations,
	  FIELD(propagation),
	  .help = "of mounts in a new mount namespace: private (default), slave, shared, unchanged" },
	{ .kind = OPT_TEXT, .letter = 'R', .name = "root", .arg = "DIR", FIELD(root),
	  .help = "change the root directory, and go there" },
	{ .kind = OPT_FLAG, .name = "pivot", .ours = true, FIELD(pivot), .implies = "mount\0",
	  .requires = "root\0",
	  .help = "change the root so that the old one is nowhere any more" },
	{ .kind = OPT_TEXT, .letter = 'w', .name = "wd", .arg = "DIR", FIELD(wd),
	  .help = "change the working directory, inside the new root" },
	{ .kind = OPT_END },
};
/* clang-format on */

/* Unmounting the old root, or a mount on it, would reach the mounts that share it. */
static int check_pivot(const struct mntplan *plan, struct failure *f)
{
	struct stat root, old;

	if (!plan->pivot)
		return 0;
	if (plan->propagation != MNT_PRIVATE && plan->propagation != MNT_SLAVE)
		return failure_option(f, "--pivot", "needs mounts that are private, or slaves");
	if (stat(plan->root, &root) == 0 && stat("/", &old) == 0 && root.st_dev == old.st_dev &&
	    root.st_ino == old.st_ino)
		return failure_reason(f, "change root to", plan->root, "it is the root already");
	return 0;
}

bool mntplan_needs_proc(const struct mntplan_request *request)
{
	return request->binfmt == binfmt_default ||
	       (request->interpreter != NULL && request->binfmt == NULL);
}

/* --load-interp and --mount-binfmt without a directory need proc, as in unshare(1). */
int mntplan_make(struct mntplan *plan, const struct mntplan_request *request, struct failure *f)
{
	bool needs_proc = mntplan_needs_proc(request);

	plan->propagation = request->propagation != 0 ? (enum mnt_propagation)request->propagation
						      : MNT_PRIVATE;
	plan->root = request->root;
	plan->pivot = request->pivot;
	plan->wd = request->wd;
	plan->proc = request->proc == NULL && needs_proc ? mnt_proc.usual : request->proc;
	plan->sys = request->sys;
	plan->binfmt = needs_proc ? binfmt_default : request->binfmt;
	plan->interpreter = request->interpreter;
	return check_pivot(plan, f);
}

bool mntplan_shows_old(const struct mnt_pseudo *fs, int flags, bool forks)
{
	return (flags & fs->shows) == 0 || (fs->shows == CLONE_NEWPID && !forks);
}

static int check_rights(const struct mntplan *plan, const struct mnt_pseudo *fs, const char *dir,
			int flags, bool forks, struct failure *f)
{
	const struct nstype *type = nstype_by_flag(fs->shows);
	bool new_owner = (flags & CLONE_NEWUSER) != 0;

	if (dir == NULL || !mntplan_shows_old(fs, flags, forks) ||
	    (!new_owner && nstype_is_ours(type)))
		return 0;
	failure_reason(
		f, fs->verb, dir,
		"it would show the old %s namespace, to which %s user namespace has no right",
		type->name, new_owner ? "a new" : "your");
	if ((flags & fs->shows) != 0)
		failure_hint(f, "the command itself stays in the old one; leave out --no-fork");
	else
		failure_hint(f, "%s shows a namespace; %s%s to make a new one too", fs->type,
			     (plan->without & fs->shows) != 0 ? "leave out --no-" : "add --",
			     type->option);
	return -1;
}

int mntplan_check_rights(const struct mntplan *plan, int flags, bool forks, struct failure *f)
{
	if (check_rights(plan, &mnt_proc, plan->proc, flags, forks, f) != 0)
		return -1;
	return check_rights(plan, &mnt_sys, plan->sys, flags, forks, f);
}

int mntplan_check(const struct mntplan *plan, struct failure *f)
{
	const struct {
		const char *dir, *verb;
	} below_root[] = {
		{ plan->wd, "change directory to" },
		{ plan->proc, "mount proc on" },
		{ plan->sys, "mount sysfs on" },
		/* Its usual place is in a proc that is not there yet. */
		{ plan->binfmt == NULL || strcmp(plan->binfmt, MNTPLAN_BINFMT) == 0 ? NULL
										    : plan->binfmt,
		  "mount binfmt_misc on" },
	};

	if (plan->root != NULL && mnt_check_directory(NULL, plan->root, "change root to", f) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(below_root) / sizeof(below_root[0]); i++)
		if (below_root[i].dir != NULL && mnt_check_directory(plan->root, below_root[i].dir,
								     below_root[i].verb, f) != 0) {
			if (below_root[i].dir == plan->proc)
				explain_mount(f, mnt_proc.usual, plan->proc_is_optional);
			return -1;
		}
	return 0;
}

/* Is it one that is opened as it is registered (binfmt_misc's flag F), not as it is used? */
static bool is_fixed_interpreter(const struct mntplan *plan)
{
	const char *flags = plan->interpreter != NULL ? strrchr(plan->interpreter, ':') : NULL;

	return flags != NULL && strchr(flags, 'F') != NULL && plan->root != NULL;
}

static int settle_directories(const struct mntplan *plan, struct failure *f)
{
	if (plan->pivot && mnt_pivot_root(plan->root, f) != 0) {
		explain_pivot(f);
		return -1;
	}
	if (plan->root != NULL && !plan->pivot && mnt_change_root(plan->root, f) != 0) {
		explain_privilege(f, CAP_SYS_CHROOT, "CAP_SYS_CHROOT");
		return -1;
	}
	return plan->wd != NULL ? mnt_change_directory(plan->wd, f) : 0;
}

/* What is made before the root is changed, and put in its place afterwards. */
struct mounts {
	int proc, sys, cgroups;
	bool has_cgroups;
	char cgroups_path[PATH_MAX];
};

static int make_mount(const struct mntplan *plan, const struct mnt_pseudo *fs, const char *dir,
		      int *mounted, struct failure *f)
{
	if (dir == NULL)
		return 0;
	if (mnt_make(fs, NULL, dir, mounted, f) != 0) {
		explain_mount(f, fs->usual, fs == &mnt_proc && plan->proc_is_optional);
		explain_first_use(f);
		return -1;
	}
	if (plan->pivot && *mounted < 0 && !trace_is_dry_run())
		return failure_reason(f, fs->verb, dir,
				      "with --pivot that needs fsopen(2), which this kernel or a "
				      "filter refuses");
	return 0;
}

static int make_mounts(const struct mntplan *plan, struct mounts *m, struct failure *f)
{
	if (make_mount(plan, &mnt_proc, plan->proc, &m->proc, f) != 0 ||
	    make_mount(plan, &mnt_sys, plan->sys, &m->sys, f) != 0)
		return -1;
	if (plan->sys == NULL || plan->sys[0] != '/' || plan->root != NULL)
		return 0;
	/* The control groups stay: a sysfs has none, and they are not those of a network. */
	snprintf(m->cgroups_path, sizeof(m->cgroups_path), "%s/fs/cgroup", plan->sys);
	m->has_cgroups = mnt_is_mount_point(m->cgroups_path);
	return m->has_cgroups ? mnt_copy_tree(m->cgroups_path, &m->cgroups, f) : 0;
}

static int place_mounts(const struct mntplan *plan, const struct mounts *m, struct failure *f)
{
	bool private_first = plan->propagation != MNT_PRIVATE;

	if (plan->proc != NULL &&
	    mnt_attach(&mnt_proc, m->proc, plan->proc, private_first, f) != 0) {
		explain_mount(f, mnt_proc.usual, plan->proc_is_optional);
		return -1;
	}
	if (plan->sys != NULL && mnt_attach(&mnt_sys, m->sys, plan->sys, private_first, f) != 0)
		return -1;
	if (m->has_cgroups && mnt_move_tree(m->cgroups, m->cgroups_path, f) != 0)
		return -1;
	return plan->binfmt != NULL ? mnt_mount_binfmt(plan->binfmt, f) : 0;
}

/* An interpreter with the flag F is opened now: through the caller's root, not the new one. */
static int register_fixed_interpreter(const struct mntplan *plan, struct failure *f)
{
	if (mnt_mount_binfmt(MNTPLAN_BINFMT, f) != 0)
		return -1;
	return mnt_register_interpreter(MNTPLAN_BINFMT, plan->interpreter, f);
}

int mntplan_settle(const struct mntplan *plan, struct failure *f)
{
	struct mounts m = { .proc = -1, .sys = -1, .cgroups = -1 };
	bool fixed = is_fixed_interpreter(plan);
	int result = -1;

	if ((!fixed || register_fixed_interpreter(plan, f) == 0) && make_mounts(plan, &m, f) == 0 &&
	    settle_directories(plan, f) == 0 && place_mounts(plan, &m, f) == 0)
		result = 0;
	close_fd(&m.proc);
	close_fd(&m.sys);
	close_fd(&m.cgroups);
	if (result == 0 && plan->interpreter != NULL && !fixed)
		result = mnt_register_interpreter(plan->binfmt, plan->interpreter, f);
	return result;
}
