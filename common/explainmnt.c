/*
 * explainmnt.c - why a mount was refused, or a namespace could not be kept at a file
 *
 * SPDX-License-Identifier: MIT
 */
#include "explainmnt.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "caps.h"
#include "cause.h"
#include "cleanup.h"
#include "kernel.h"
#include "mnt.h"
#include "nstype.h"
#include "probe.h"

struct mount {
	const char *usual;
	bool optional;
};

static bool is_optional(struct cause_case *c)
{
	const struct mount *mount = c->what;

	return mount->optional;
}

/* The kernel's mount_too_revealing(): what hides something of the one that is visible. */
static bool is_covered(struct cause_case *c)
{
	const struct mount *mount = c->what;
	/* Where the initial user namespace owns the mounts, nothing is too revealing. */
	autofile *file = probe_is_initial_user() ? NULL : fopen("/proc/self/mountinfo", "re");
	char mount_point[PATH_MAX];
	bool shared;

	while (probe_next_mount(file, mount_point, &shared)) {
		if (!probe_is_below(mount_point, mount->usual) ||
		    strcmp(mount_point, mount->usual) == 0 ||
		    probe_is_place_for_mounts(mount_point))
			continue;
		cause_word(c, 1, "%s", mount_point);
		cause_word(c, 2, "%s", mount->usual);
		return cause_word(c, 3, mount->optional ? "add --no-mount-proc" : "unmount that");
	}
	return false;
}

/* That of the initial user namespace may have one whatever is there. */
static bool is_none_visible(struct cause_case *c)
{
	const struct mount *mount = c->what;
	struct statfs fs;

	return strcmp(mount->usual, "/proc") == 0 && !probe_is_initial_user() &&
	       (statfs("/proc", &fs) != 0 || fs.f_type != KERNEL_PROC_MAGIC);
}

static const struct cause mount_causes[] = {
	{ { ENOENT },
	  is_optional,
	  "it is not in the root that the command gets",
	  "make that directory, or add --no-mount-proc" },
	{ { EPERM },
	  is_covered,
	  "'$1' is covered by a mount, and the kernel makes no other $2 that would show more",
	  "$3" },
	{ { EPERM },
	  is_none_visible,
	  "no proc is mounted on /proc, and in a user namespace the kernel makes one only where "
	  "another can be seen",
	  "mount one before the user namespace is made" },
};

void explain_mount(struct failure *f, const char *usual, bool optional)
{
	const struct mount mount = { usual, optional };

	CAUSE_FIND(mount_causes, &mount, f);
}

/* Then only what is below /proc leads to the mounts around. */
static bool is_below_chroot(struct cause_case *c)
{
	(void)c;
	return !mnt_root_is_mount_root();
}

static bool is_below_chroot_alone(struct cause_case *c)
{
	return is_below_chroot(c) && !caps_have(CAP_SYS_CHROOT);
}

static const struct cause propagation_causes[] = {
	{ { ENOENT },
	  is_below_chroot,
	  "/ is no mount point, as below a chroot, and there is no proc on /proc",
	  "mount one there, or add --propagation=unchanged" },
	{ { EPERM },
	  is_below_chroot_alone,
	  "/ is no mount point, as below a chroot, and to reach the mounts around it takes "
	  "CAP_SYS_CHROOT",
	  "add --propagation=unchanged" },
};

void explain_propagation(struct failure *f)
{
	CAUSE_FIND(propagation_causes, NULL, f);
}

static const struct cause pivot_causes[] = {
	{ { EINVAL },
	  is_below_chroot,
	  "/ is no mount point, as below a chroot, and pivot_root(2) takes its place",
	  "leave out --pivot, or the chroot" },
};

void explain_pivot(struct failure *f)
{
	CAUSE_FIND(pivot_causes, NULL, f);
}

struct pin {
	const struct nstype *type;
	const char *file;
	int proc;
};

/* Finds the mount that holds path, the last of the longest mount points.  Is it shared? */
static bool find_shared_mount(const char *path, char mount_point[PATH_MAX])
{
	autofile *file = fopen("/proc/self/mountinfo", "re");
	char next[PATH_MAX];
	bool shared, found = false;

	mount_point[0] = '\0';
	while (probe_next_mount(file, next, &shared))
		if (probe_is_below(path, next) && strlen(next) >= strlen(mount_point)) {
			memcpy(mount_point, next, sizeof(next));
			found = shared;
		}
	return found;
}

static bool is_mount_shared(struct cause_case *c)
{
	const struct pin *pin = c->what;
	autofree char *copy = strdup(pin->file), *path = NULL;
	char mount_point[PATH_MAX];

	/* The directory: a file of ours is gone by now. */
	if (copy != NULL)
		path = realpath(dirname(copy), NULL);
	return pin->type->flag == CLONE_NEWNS && path != NULL &&
	       find_shared_mount(path, mount_point) && cause_word(c, 1, "%s", mount_point);
}

/* Else the two could keep each other for ever (do_loopback() in the kernel's fs/namespace.c). */
static bool is_not_older(struct cause_case *c)
{
	const struct pin *pin = c->what;
	unsigned long long own = probe_mount_namespace_id(-1);
	unsigned long long its = probe_mount_namespace_id(pin->proc);

	cause_word(c, 1, "%llu", its);
	cause_word(c, 2, "%llu", own);
	return pin->type->flag == CLONE_NEWNS && own != 0 && its != 0 && its <= own;
}

static bool lacks_right(struct cause_case *c)
{
	(void)c;
	return !caps_have(CAP_SYS_ADMIN) || !nstype_is_ours(nstype_by_flag(CLONE_NEWNS));
}

static const struct cause pin_causes[] = {
	{ { EINVAL },
	  is_not_older,
	  "a mount namespace is kept only in one with a smaller number than its own, $1, and here "
	  "it is $2",
	  "begin in an outer mount namespace, or with other CPUs (taskset)" },
	{ { EINVAL },
	  is_mount_shared,
	  "the mount at $1 is shared with other mount namespaces",
	  "run 'mount --make-private $1'" },
	{ { EPERM },
	  lacks_right,
	  "you lack CAP_SYS_ADMIN over the mount namespace that you are in",
	  "begin in one of your own, by 'ns-unshare -rm'" },
};

void explain_pin(struct failure *f, const struct nstype *type, const char *file, int proc)
{
	const struct pin pin = { type, file, proc };

	CAUSE_FIND(pin_causes, &pin, f);
}
