/*
 * explainjoin.c - why a process cannot be looked at, or its namespaces not be entered
 *
 * SPDX-License-Identifier: MIT
 */
#include "explainjoin.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caps.h"
#include "cause.h"
#include "cleanup.h"
#include "kernel.h"
#include "probe.h"
#include "procfs.h"

struct join_of {
	const struct nstype *type;
	int ns;
};

/* Its owner, open, whose inode is word 1; -1 with errno. */
static int open_owner(struct cause_case *c)
{
	const struct join_of *join = c->what;
	autofd owner = join->ns < 0 ? -1 : ioctl(join->ns, KERNEL_NS_GET_USERNS);
	struct stat st;

	if (owner < 0 || fstat(owner, &st) != 0)
		return -1;
	cause_word(c, 1, "%ju", (uintmax_t)st.st_ino);
	return take_fd(&owner);
}

static bool is_own_user(int owner)
{
	return nstype_is_own(nstype_by_flag(CLONE_NEWUSER), owner);
}

static bool is_ours_without_right(struct cause_case *c)
{
	autofd owner = open_owner(c);

	return owner >= 0 && is_own_user(owner) && !caps_have(CAP_SYS_ADMIN);
}

static bool lacks_chroot(struct cause_case *c)
{
	const struct join_of *join = c->what;

	return join->type->flag == CLONE_NEWNS && caps_have(CAP_SYS_ADMIN) &&
	       !caps_have(CAP_SYS_CHROOT);
}

/* A user namespace itself: that its owner has every right, and root of the one around it. */
static bool is_user_of_anothers(struct cause_case *c)
{
	const struct join_of *join = c->what;
	uid_t uid = 0;

	return join->type->flag == CLONE_NEWUSER && !caps_have(CAP_SYS_ADMIN) &&
	       ioctl(join->ns, KERNEL_NS_GET_OWNER_UID, &uid) == 0 && uid != geteuid() &&
	       cause_word(c, 1, "%u", (unsigned)uid);
}

/* ioctl_ns(2): EPERM, where the owner is not our user namespace or one inside it. */
static bool is_around(struct cause_case *c)
{
	const struct join_of *join = c->what;

	return join->ns >= 0 && ioctl(join->ns, KERNEL_NS_GET_USERNS) < 0 && errno == EPERM;
}

/* setns(2): one's own PID namespace, or one inside it. */
static bool is_not_below(struct cause_case *c)
{
	const struct join_of *join = c->what;

	return join->type->flag == CLONE_NEWPID && join->ns >= 0 && !probe_is_in_ours(join->ns);
}

static const struct cause join_causes[] = {
	{ { EPERM },
	  is_user_of_anothers,
	  "user ID $1 made it, and you lack CAP_SYS_ADMIN in the user namespace around it",
	  "run this as root, or as that user" },
	{ { EPERM },
	  is_ours_without_right,
	  "it belongs to user:[$1], which you are in, and lack CAP_SYS_ADMIN there",
	  "run this as root of that" },
	{ { EPERM },
	  lacks_chroot,
	  "to enter a mount namespace takes CAP_SYS_CHROOT, which you lack",
	  "leave out --mount (-m), or run this with that capability" },
	{ { EPERM },
	  is_around,
	  "it belongs to a user namespace around yours, in which you have no right",
	  "run this outside of yours" },
	{ { EINVAL },
	  is_not_below,
	  "a PID namespace can be entered only from one around it, and yours is not",
	  "run this in an outer one" },
};

void explain_join(struct failure *f, const struct nstype *type, int ns)
{
	const struct join_of what = { type, ns };

	CAUSE_FIND(join_causes, &what, f);
}

/* /proc/PID, open, and what its status says; -1: it is not there. */
static int open_status(const struct cause_case *c, struct procfs_status *status)
{
	const pid_t *pid = c->what;
	autofd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd dir = proc < 0 ? -1 : procfs_open(proc, *pid);

	return dir >= 0 && procfs_read_status(dir, status) == 0 ? take_fd(&dir) : -1;
}

static bool is_hidden(struct cause_case *c)
{
	const pid_t *pid = c->what;
	autofd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd dir = proc < 0 ? -1 : procfs_open(proc, *pid);
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, *pid, 0);
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };
	struct stat st;

	if (proc < 0 || pidfd < 0 || poll(&ended, 1, 0) != 0)
		return false;
	/* hidepid=1 shows the directory, and refuses what is in it. */
	return (dir < 0 || fstatat(dir, "status", &st, 0) != 0) &&
	       (errno == EPERM || procfs_hides(proc));
}

static bool is_anothers_process(struct cause_case *c)
{
	struct procfs_status status;
	autofd dir = open_status(c, &status);

	return dir >= 0 && status.real_uid != geteuid() && !caps_have(CAP_SYS_PTRACE) &&
	       cause_word(c, 1, "%u", (unsigned)status.real_uid);
}

/* ptrace(2), PTRACE_MODE_READ: then its files are root's (proc(5)), though its IDs are ours. */
static bool is_not_dumpable(struct cause_case *c)
{
	struct procfs_status status;
	autofd dir = open_status(c, &status);
	struct stat st;

	return dir >= 0 && status.uid == geteuid() && status.real_uid == geteuid() &&
	       status.saved_uid == geteuid() && fstatat(dir, "environ", &st, 0) == 0 &&
	       st.st_uid != status.uid && !caps_have(CAP_SYS_PTRACE);
}

static const struct cause target_causes[] = {
	{ { 0 },
	  is_hidden,
	  "/proc is mounted with hidepid, and shows no process that you may not trace",
	  "run this as root" },
	{ { EACCES, EPERM },
	  is_anothers_process,
	  "it is a process of user ID $1, and you lack CAP_SYS_PTRACE",
	  "run this as that user, or as root" },
	{ { EACCES, EPERM },
	  is_not_dumpable,
	  "it is a process of yours, but not dumpable, as after a change of IDs, and you lack "
	  "CAP_SYS_PTRACE",
	  "run this as root" },
};

void explain_target(struct failure *f, pid_t pid)
{
	CAUSE_FIND(target_causes, &pid, f);
}
