/*
 * join.c - join namespaces that exist, in the order that works
 *
 * SPDX-License-Identifier: MIT
 */
#include "join.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caps.h"
#include "child.h"
#include "cleanup.h"
#include "explainjoin.h"
#include "file.h"
#include "kernel.h"
#include "probe.h"
#include "trace.h"

void join_init(struct join *join)
{
	*join = (struct join){ .target = { 0, -1, -1 } };
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		join->fd[i] = -1;
}

void join_close(struct join *join)
{
	target_close(&join->target);
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		close_fd(&join->fd[i]);
}

int join_flags(const struct join *join)
{
	int flags = join->by_pidfd;

	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (join->fd[i] >= 0)
			flags |= nstypes[i].flag;
	return flags;
}

int join_shares(const struct join *join, const struct nstype *type, const char *link,
		struct failure *f)
{
	int shared = target_shares(&join->target, type, link, f);

	if (shared < 0)
		explain_target(f, join->target.pid);
	return shared;
}

int join_add_fd(struct join *join, const struct nstype *type, int fd, const char *name,
		struct failure *f)
{
	autofd owned = fd;
	const struct nstype *found = nstype_by_flag(ioctl(fd, KERNEL_NS_GET_NSTYPE));

	if (found == NULL)
		return failure_reason(f, "enter", name, "it is not a namespace file");
	if (type != NULL && found != type)
		return failure_reason(f, "enter", name, "it is a %s namespace, not %s", found->name,
				      type->name);
	join->by_pidfd &= ~found->flag;
	close_fd(&join->fd[found - nstypes]);
	/* One's own user namespace is refused later; to join another of one's own is nothing. */
	if (found->flag != CLONE_NEWUSER && nstype_is_own(found, owned))
		return 0;
	join->fd[found - nstypes] = take_fd(&owned);
	join->name[found - nstypes] = name;
	return 0;
}

/* Is it `above`, or below that?  *made: it is the child of that which our user made, or below it. */
static bool descends_from(int user_ns, const struct stat *above, bool *made)
{
	autofd at = fcntl(user_ns, F_DUPFD_CLOEXEC, 0);
	struct stat st;
	uid_t owner;

	*made = false;
	while (fstat(at, &st) == 0 && (st.st_ino != above->st_ino || st.st_dev != above->st_dev)) {
		int parent = ioctl(at, KERNEL_NS_GET_PARENT);

		*made = ioctl(at, KERNEL_NS_GET_OWNER_UID, &owner) == 0 && owner == geteuid();
		close_fd(&at);
		at = parent;
	}
	return at >= 0;
}

/* One of the namespaces, of this type where it is not NULL; a descriptor or -1. */
static int open_one(const struct join *join, const struct nstype *type)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		if (type != NULL && &nstypes[i] != type)
			continue;
		if (join->fd[i] >= 0)
			return fcntl(join->fd[i], F_DUPFD_CLOEXEC, 0);
		if ((join->by_pidfd & nstypes[i].flag) != 0 ||
		    (type != NULL && join->target.proc >= 0))
			return openat(join->target.proc, nstypes[i].link, O_RDONLY | O_CLOEXEC);
	}
	return -1;
}

int join_add_owner(struct join *join, struct failure *f)
{
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);
	autofd owner = -1, of_process = open_one(join, user);
	struct stat st;
	bool made;

	if (caps_have(CAP_SYS_ADMIN) || (join_flags(join) & CLONE_NEWUSER) != 0)
		return 0;
	/* Of several the uppermost, which gives the right to all below it. */
	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		bool joined = (join_flags(join) & nstypes[i].flag) != 0;
		autofd ns = joined ? open_one(join, &nstypes[i]) : -1;
		autofd its = ns < 0 ? -1 : ioctl(ns, KERNEL_NS_GET_USERNS);

		if (its < 0 || fstat(its, &st) != 0 ||
		    (owner >= 0 && !descends_from(owner, &st, &made)))
			continue;
		close_fd(&owner);
		owner = take_fd(&its);
	}
	if (owner < 0 || nstype_is_own(user, owner))
		return 0;
	/* With those of the process, in the one call. */
	if (join->by_pidfd != 0 && of_process >= 0 && file_is_same(owner, of_process)) {
		join->by_pidfd |= CLONE_NEWUSER;
		return 0;
	}
	return join_add_fd(join, NULL, take_fd(&owner), "its owner", f);
}

int join_add_parent(struct join *join, struct failure *f)
{
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);
	autofd child = (join_flags(join) & CLONE_NEWUSER) != 0 ? open_one(join, user)
							       : open_one(join, NULL);
	int parent;

	if (child < 0)
		child = open_one(join, user);
	if (child < 0 && join->target.pidfd < 0)
		return failure_option(f, "--user-parent",
				      "needs a process as the target, or a namespace that is not "
				      "yours");
	parent = child < 0 ? -1 : ioctl(child, KERNEL_NS_GET_USERNS);
	if (child >= 0 && parent < 0 && errno == EPERM)
		return failure_reason(f, "find the parent user namespace", NULL,
				      "there is none, or it is neither yours nor below that");
	if (parent < 0)
		return failure_errno(f, "find the parent user namespace", NULL);
	return join_add_fd(join, user, parent, "the parent", f);
}

static int check_user(const struct join *join, struct failure *f)
{
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);

	if (join->fd[user - nstypes] < 0 || !nstype_is_own(user, join->fd[user - nstypes]))
		return 0;
	return failure_reason(f, "enter", join->name[user - nstypes],
			      "you are in that user namespace already");
}

int join_check(const struct join *join, struct failure *f)
{
	const struct nstype *type = nstype_by_flag(CLONE_NEWPID);
	int fd = join->fd[type - nstypes];

	if (check_user(join, f) != 0)
		return -1;
	if (fd < 0)
		return 0;
	if (!probe_is_dead(fd))
		return 0;
	return failure_reason(f, "enter", join->name[type - nstypes],
			      "this PID namespace has ended: its init is dead, and no process can "
			      "be made in it");
}

static bool joins_user(const struct join *join)
{
	return (join_flags(join) & CLONE_NEWUSER) != 0;
}

/*
 * Would it be refused for want of CAP_SYS_ADMIN, in the user namespace that owns it and,
 * unless a user namespace is joined, here?  (setns(2); for who has it where,
 * user_namespaces(7), "Capabilities")
 */
static bool lacks_right(const struct join *join, const struct nstype *type)
{
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);
	bool have = caps_have(CAP_SYS_ADMIN), made;
	int entered = type != user && !have ? join->fd[user - nstypes] : -1;
	autofd ns = open_one(join, type), owner = -1;
	struct stat from;

	if (ns < 0 ||
	    (entered >= 0 ? fstat(entered, &from) : stat("/proc/self/ns/user", &from)) != 0)
		return false; /* no telling */
	owner = type == user ? take_fd(&ns) : ioctl(ns, KERNEL_NS_GET_USERNS);
	if (owner < 0 || !descends_from(owner, &from, &made))
		return true;
	return entered < 0 && !have && (!made || !joins_user(join));
}

/* For a dry run, as setns(2) of these types. */
static int foresee(const struct join *join, int flags)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((flags & nstypes[i].flag) != 0 && lacks_right(join, &nstypes[i])) {
			errno = EPERM;
			return -1;
		}
	return 0;
}

/* Of several that failed together, the first to which the right is missing; else all of them. */
static int refused(const struct join *join, int flags, int error, struct failure *f)
{
	int first = flags;
	char verb[sizeof(f->verb)], names[48] = "", object[32];

	for (size_t i = 0; i < NSTYPE_COUNT && first == flags; i++)
		if ((flags & nstypes[i].flag) != 0 && error == EPERM &&
		    lacks_right(join, &nstypes[i]))
			first = nstypes[i].flag;
	for (size_t i = 0, used = 0; i < NSTYPE_COUNT; i++)
		if ((first & nstypes[i].flag) != 0)
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used > 0 ? ", " : "", nstypes[i].name);
	snprintf(verb, sizeof(verb), "enter the %s namespace%s of process", names,
		 nstype_by_flag(first) == NULL ? "s" : "");
	snprintf(object, sizeof(object), "%d", (int)join->target.pid);
	errno = error;
	failure_errno(f, verb, object);
	if (nstype_by_flag(first) != NULL) {
		autofd ns = openat(join->target.proc, nstype_by_flag(first)->link,
				   O_RDONLY | O_CLOEXEC);

		explain_join(f, nstype_by_flag(first), ns);
	}
	return -1;
}

static int join_by_pidfd(const struct join *join, int flags, struct failure *f)
{
	char text[NSTYPE_FLAGS_BYTES];
	int error;

	if (flags == 0 ||
	    (trace_call("setns(PIDFD of %d, %s)", (int)join->target.pid, nstype_flags(flags, text))
		     ? trace_result(setns(join->target.pidfd, flags))
		     : foresee(join, flags)) == 0)
		return 0;
	error = errno;
	if (error == ESRCH)
		return target_gone(&join->target, f);
	return target_check(&join->target, f) == 0 ? refused(join, flags, error, f) : -1;
}

static int join_by_fd(const struct join *join, const struct nstype *type, struct failure *f)
{
	int fd = join->fd[type - nstypes];
	char verb[48];

	if (fd < 0 || (trace_call("setns(\"%s\", %s)", join->name[type - nstypes], type->flag_name)
			       ? trace_result(setns(fd, type->flag))
			       : foresee(join, type->flag)) == 0)
		return 0;
	snprintf(verb, sizeof(verb), "enter the %s namespace", type->name);
	failure_errno(f, verb, join->name[type - nstypes]);
	explain_join(f, type, fd);
	return -1;
}

/* Those that are open, but for the user namespace. */
static int join_by_fds(const struct join *join, struct failure *f)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (nstypes[i].flag != CLONE_NEWUSER && join_by_fd(join, &nstypes[i], f) != 0)
			return -1;
	return 0;
}

static int join_all(const struct join *join, struct failure *f)
{
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);

	if (caps_have(CAP_SYS_ADMIN)) {
		if (join_by_fds(join, f) != 0 || join_by_pidfd(join, join->by_pidfd, f) != 0)
			return -1;
		return join_by_fd(join, user, f);
	}
	if (join_by_fd(join, user, f) != 0 || join_by_pidfd(join, join->by_pidfd, f) != 0)
		return -1;
	return join_by_fds(join, f);
}

int join_namespaces(const struct join *join, struct failure *f)
{
	/* Shared with who started us (clone(2), CLONE_FS), our root and directory are not joined. */
	if (!trace_is_dry_run())
		unshare(CLONE_FS);
	if (child_guard(f) != 0 || join_all(join, f) != 0)
		return -1;
	return child_guard(f);
}
