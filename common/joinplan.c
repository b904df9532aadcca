/*
 * joinplan.c - from options to the namespaces that are joined
 *
 * SPDX-License-Identifier: MIT
 */
#include "joinplan.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"
#include "nsrefopen.h"
#include "target.h"

/* A type was given a namespace of its own, so that no operand is needed for a target. */
static bool has_value(const struct joinplan *plan)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (plan->types.file[i] != NULL)
			return true;
	return false;
}

/* Letters of types alone: perhaps options that were meant to be bundled. */
static bool is_letters(const char *value)
{
	if (*value == '\0')
		return false;
	for (; *value != '\0'; value++) {
		size_t i = 0;

		while (i < NSTYPE_COUNT && nstypes[i].letter != *value)
			i++;
		if (i == NSTYPE_COUNT)
			return false;
	}
	return true;
}

/* The value of --TYPE=VALUE: a file, or a namespace of this type by inode or :ID. */
static int open_value(struct joinplan *plan, const struct nstype *type, const char *value,
		      struct join *join, struct failure *f)
{
	struct nsref *ref = &plan->refs[plan->ref_count++];
	struct target none;
	int fd;

	if (value[0] == ':' || (strchr(value, '/') == NULL && nsref_is_inode(value))) {
		if (nsref_parse(value, ref, f) != 0)
			return -1;
		ref->type = type;
	} else {
		*ref = (struct nsref){ .text = value, .kind = NSREF_FILE };
	}
	if (nsref_open(ref, &none, &fd, f) == 0)
		return join_add_fd(join, type, fd, value, f);
	if (f->error == ENOENT && is_letters(value))
		failure_hint(f,
			     "'%s' was taken for the value of --%s; write the letters apart, as in "
			     "'-%c -%c'",
			     value, type->option, type->letter, value[0]);
	return -1;
}

/* The target: a process, whose namespaces are chosen later, or one namespace. */
static int open_target(struct joinplan *plan, struct join *join, struct failure *f)
{
	struct nsref *ref = &plan->refs[plan->ref_count++];
	int fd;

	if (nsref_parse(plan->target, ref, f) != 0 || nsref_open(ref, &join->target, &fd, f) != 0)
		return -1;
	return fd < 0 ? 0 : join_add_fd(join, NULL, fd, plan->target, f);
}

static int open_targets(struct joinplan *plan, struct join *join, struct failure *f)
{
	if (plan->target != NULL && open_target(plan, join, f) != 0)
		return -1;
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (plan->types.file[i] != NULL &&
		    open_value(plan, &nstypes[i], plan->types.file[i], join, f) != 0)
			return -1;
	return 0;
}

bool joinplan_differs_for_children(const struct target *target, const struct nstype *type)
{
	struct stat its, children;

	return fstatat(target->proc, type->link, &its, 0) == 0 &&
	       fstatat(target->proc, type->new_link, &children, 0) == 0 &&
	       its.st_ino != children.st_ino;
}

static int take_type(struct joinplan *plan, const struct nstype *type, struct join *join,
		     struct failure *f)
{
	struct target *target = &join->target;
	bool children = !plan->exact && joinplan_differs_for_children(target, type);
	int shared = join_shares(join, type, children ? type->new_link : type->link, f), fd;

	if (shared != 0)
		return shared < 0 ? -1 : 0;
	if (!children) {
		join->by_pidfd |= type->flag;
		return 0;
	}
	fd = target_open_file(target, type->new_link, O_RDONLY, f);
	if (fd < 0)
		return -1;
	plan->of_children |= type->flag;
	return join_add_fd(join, type, fd, type->new_link, f);
}

/* Of the process the types that were asked for, or all; what is shared is left out. */
static int take_types(struct joinplan *plan, struct join *join, struct failure *f)
{
	bool other = plan->net_socket.given || plan->user_parent || has_value(plan);
	int wanted = plan->types.flags;

	if (join->target.pidfd < 0)
		return 0;
	if (plan->all || (wanted == 0 && !other))
		wanted = ~0;
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((wanted & nstypes[i].flag) != 0 && join->fd[i] < 0 &&
		    take_type(plan, &nstypes[i], join, f) != 0)
			return -1;
	return 0;
}

/* A type without a process to take it from. */
static int check_types(const struct joinplan *plan, bool needs_process, const struct join *join,
		       struct failure *f)
{
	char option[32];

	if (join->target.pidfd >= 0)
		return 0;
	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		if ((plan->types.flags & nstypes[i].flag) == 0 || join->fd[i] >= 0 ||
		    plan->types.file[i] != NULL)
			continue;
		snprintf(option, sizeof(option), "--%s", nstypes[i].option);
		return failure_option(f, option,
				      "needs a process as the target, or a file (%s=FILE)", option);
	}
	if (plan->all || plan->net_socket.given || needs_process)
		return failure_option(f, "--target", "must be a process for what was asked");
	return 0;
}

static int open_socket(const struct joinplan *plan, struct join *join, struct failure *f)
{
	const struct opt_fd *wanted = &plan->net_socket;
	char name[48];
	autofd sock = -1;
	struct stat st;
	int fd;

	if (!wanted->given)
		return 0;
	snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)join->target.pid, wanted->fd);
	sock = (int)syscall(KERNEL_SYS_pidfd_getfd, join->target.pidfd, wanted->fd, 0);
	if (sock < 0)
		return failure_errno(f, "take the socket", name);
	if (fstat(sock, &st) != 0 || !S_ISSOCK(st.st_mode))
		return failure_reason(f, "take the socket", name, "it is none");
	fd = ioctl(sock, KERNEL_SIOCGSKNS);
	if (fd < 0)
		return failure_errno(f, "find the network namespace of", name);
	return join_add_fd(join, nstype_by_flag(CLONE_NEWNET), fd, "the socket's", f);
}

static int refuse_empty(const struct joinplan *plan, const struct join *join, struct failure *f)
{
	char pid[16];

	if (join_flags(join) != 0 || plan->types.flags != 0 || plan->all)
		return 0;
	if (join->target.pidfd < 0)
		return failure_reason(f, "enter", plan->target,
				      "nothing to enter: you are in that namespace already");
	snprintf(pid, sizeof(pid), "%d", (int)join->target.pid);
	return failure_reason(f, "enter process", pid,
			      "nothing to enter: it is in all of your namespaces");
}

bool joinplan_needs_operand(const struct joinplan *plan)
{
	return plan->target == NULL && !has_value(plan);
}

int joinplan_choose(struct joinplan *plan, bool needs_process, struct join *join, struct failure *f)
{
	if (open_targets(plan, join, f) != 0 || check_types(plan, needs_process, join, f) != 0 ||
	    take_types(plan, join, f) != 0 || open_socket(plan, join, f) != 0)
		return -1;
	if (plan->user_parent && join_add_parent(join, f) != 0)
		return -1;
	if (join_add_owner(join, f) != 0 || join_check(join, f) != 0)
		return -1;
	return refuse_empty(plan, join, f);
}
