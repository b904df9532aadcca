/*
 * nsset.c - create a set of namespaces, in the order that works
 *
 * SPDX-License-Identifier: MIT
 */
#include "nsset.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "caps.h"
#include "child.h"
#include "cleanup.h"
#include "creds.h"
#include "explain.h"
#include "explainmap.h"
#include "explainmnt.h"
#include "file.h"
#include "kernel.h"
#include "probe.h"
#include "trace.h"
#include "uts.h"

/* What the process outside is asked to do. */
enum request {
	WRITE_MAPS = 'm',
	KEEP_PINS = 'p',
	COMMIT = 'c',
	ABANDON = 'a',
};

int nsset_add_pin(struct nsset_plan *plan, const struct nstype *type, const char *file,
		  struct failure *f)
{
	char option[16];

	snprintf(option, sizeof(option), "--%s", type->option);
	for (size_t i = 0; i < plan->pins; i++)
		if (strcmp(file, plan->pin[i].file) == 0)
			return failure_option(f, option, "'%s' is to keep the %s namespace", file,
					      plan->pin[i].type->name);
	plan->pin[plan->pins++] = (struct mnt_pin){ type, file, false, false, -1, -1 };
	if (type->flag != CLONE_NEWPID || plan->forks)
		return 0;
	failure_reason(f, "keep the pid namespace at", file, "it will have no first process");
	failure_hint(f, "a PID namespace begins with its first child; leave out --no-fork");
	return -1;
}

static int prepare_maps(struct nsset_plan *plan, struct failure *f)
{
	bool may_uids = idmap_may_write(&plan->ids.uids, &idmap_users, geteuid());
	bool may_gids = idmap_may_write(&plan->ids.gids, &idmap_groups, getegid());

	if (!may_uids &&
	    idmap_find_helper(&idmap_users, plan->uid_helper, sizeof(plan->uid_helper), f) != 0)
		return -1;
	if (!may_gids &&
	    idmap_find_helper(&idmap_groups, plan->gid_helper, sizeof(plan->gid_helper), f) != 0)
		return -1;
	return 0;
}

int nsset_prepare(struct nsset_plan *plan, struct failure *f)
{
	for (size_t i = 0; i < plan->pins; i++)
		if (mnt_check_pin(&plan->pin[i], f) != 0)
			return -1;
	if (timens_resolve(&plan->monotonic, CLOCK_MONOTONIC, "--monotonic", f) != 0 ||
	    timens_resolve(&plan->boottime, CLOCK_BOOTTIME, "--boottime", f) != 0)
		return -1;
	plan->outside = plan->pins > 0 || plan->ids.owner.given || plan->ids.ranges;
	return plan->ids.ranges ? prepare_maps(plan, f) : 0;
}

static int write_setgroups(const struct nsset *set, const char *label, struct failure *f)
{
	const char *text = set->plan->ids.setgroups == SETGROUPS_DENY ? "deny" : "allow";
	char path[64];

	snprintf(path, sizeof(path), "%s/setgroups", label);
	if (set->plan->ids.setgroups == 0 || file_write(set->proc, "setgroups", path, text) == 0)
		return 0;
	return failure_errno(f, "write", path);
}

static int write_map(const struct idmap *map, const struct idmap_kind *kind,
		     const struct idmap_target *target, const char *helper, struct failure *f)
{
	if (idmap_write(map, kind, target, helper, f) == 0)
		return 0;
	explain_map(f, map, kind, target, helper[0] != '\0');
	return -1;
}

/* user_namespaces(7): without privilege a gid_map can be written only once setgroups is denied. */
static int write_maps(const struct nsset *set, const char *label, struct failure *f)
{
	const struct nsset_plan *plan = set->plan;
	struct idmap_target target = { set->proc, set->pid, label };

	if (write_setgroups(set, label, f) != 0)
		return -1;
	if (write_map(&plan->ids.uids, &idmap_users, &target, plan->uid_helper, f) != 0)
		return -1;
	return write_map(&plan->ids.gids, &idmap_groups, &target, plan->gid_helper, f);
}

/* Everything that is written below /proc: by the tool itself (self), or from outside. */
static int write_settings(const struct nsset *set, bool self, struct failure *f)
{
	const struct nsset_plan *plan = set->plan;
	char label[32];

	if (self)
		snprintf(label, sizeof(label), "/proc/self");
	else
		snprintf(label, sizeof(label), "/proc/%d", (int)set->pid);
	if (write_maps(set, label, f) == 0 &&
	    timens_write(&plan->boottime, "boottime", set->proc, label, f) == 0 &&
	    timens_write(&plan->monotonic, "monotonic", set->proc, label, f) == 0)
		return 0;
	explain_proc(f);
	return -1;
}

static void drop_pins(struct nsset_plan *plan)
{
	for (size_t i = plan->pins; i > 0; i--)
		mnt_drop_pin(&plan->pin[i - 1]);
}

static void release_pins(struct nsset_plan *plan)
{
	for (size_t i = 0; i < plan->pins; i++)
		mnt_release_pin(&plan->pin[i]);
}

static int keep_pins(const struct nsset *set, struct failure *f)
{
	for (size_t i = 0; i < set->plan->pins; i++) {
		if (mnt_keep_pin(&set->plan->pin[i], set->proc, set->pid, f) == 0)
			continue;
		explain_pin(f, set->plan->pin[i].type, set->plan->pin[i].file, set->proc);
		drop_pins(set->plan);
		return -1;
	}
	return 0;
}

/* Carries out one request, outside.  *f has status 0 when there is no failure. */
static void perform(const struct nsset *set, enum request what, struct failure *f)
{
	*f = (struct failure){ 0 };
	trace_role("outside");
	switch (what) {
	case WRITE_MAPS: write_settings(set, false, f); break;
	case KEEP_PINS: keep_pins(set, f); break;
	case COMMIT: release_pins(set->plan); break;
	case ABANDON: drop_pins(set->plan); break;
	}
	trace_role(NULL);
}

/* The process outside: serves until the tool is gone or executed. */
__attribute__((noreturn)) static void serve(const struct nsset *set)
{
	bool committed = false;
	char what;

	while (recv(set->outside, &what, 1, 0) == 1) {
		struct failure f;

		perform(set, (enum request)what, &f);
		committed = what == COMMIT;
		if (send(set->outside, &f, sizeof(f), MSG_NOSIGNAL) < 0)
			break;
	}
	if (!committed)
		drop_pins(set->plan);
	_exit(0);
}

/* Asks the process outside (in a dry run: nobody, the lines are printed here). */
static int request(const struct nsset *set, enum request what, struct failure *f)
{
	char byte = (char)what;

	if (trace_is_dry_run())
		perform(set, what, f);
	else if (send(set->outside, &byte, 1, MSG_NOSIGNAL) != 1 ||
		 recv(set->outside, f, sizeof(*f), 0) != sizeof(*f))
		return failure_reason(f, "set up the namespaces", NULL,
				      "the process that stays outside has died");
	return f->status == 0 ? 0 : -1;
}

/*
 * A command that takes the tool's own place must not inherit a child: where the
 * process outside is needed until then, it is a grandchild, which ends by itself.
 */
static int start_outside(struct nsset *set, struct failure *f)
{
	bool grandchild = !set->plan->forks && set->plan->pins > 0;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return failure_errno(f, "make a socket pair", NULL);
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		set->outside = pair[1];
		if (grandchild && fork() != 0)
			_exit(0);
		serve(set);
	}
	close(pair[1]);
	set->outside = pair[0];
	if (pid < 0) {
		failure_errno(f, "fork", NULL);
		explain_fork(f);
		return -1;
	}
	if (grandchild)
		child_reap(pid);
	else
		set->outside_pid = pid;
	return 0;
}

static void end_outside(struct nsset *set)
{
	close_fd(&set->outside);
	if (set->outside_pid > 0)
		child_reap(set->outside_pid);
	set->outside_pid = 0;
}

static int become_owner(const struct nsset_plan *plan, struct failure *f)
{
	errno = EPERM;
	if (trace_is_dry_run() && !caps_have(CAP_SETGID))
		return failure_errno(f, "drop the supplementary groups", NULL);
	if (creds_drop_groups(f) != 0 || creds_set_gid(plan->ids.owner.gid, f) != 0)
		return -1;
	return creds_set_uid(plan->ids.owner.uid, f);
}

/* What could not be made, for the message: "create namespaces (user net)". */
static void name_types(int flags, char *verb, size_t size)
{
	const struct nstype *only = nstype_by_flag(flags);
	size_t used = (size_t)snprintf(verb, size, "create namespaces (");

	if (only != NULL) {
		snprintf(verb, size, "create a new %s namespace", only->name);
		return;
	}
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((flags & nstypes[i].flag) != 0)
			used += (size_t)snprintf(verb + used, size - used, "%s ", nstypes[i].name);
	verb[used - 1] = ')';
}

/* For a dry run: the errno with which unshare(2) would fail, as far as that can be read. */
static int predict(int flags)
{
	return probe_missing_type(flags) != NULL                           ? EINVAL
	       : (flags & CLONE_NEWUSER) == 0 && !caps_have(CAP_SYS_ADMIN) ? EPERM
	       : probe_forbidden_type(flags) != NULL                       ? ENOSPC
									   : 0;
}

static int leave(const struct nsset_plan *plan, int flags, struct failure *f)
{
	char text[NSTYPE_FLAGS_BYTES], verb[sizeof(f->verb)];

	errno = trace_is_dry_run() && flags != 0 ? predict(flags) : 0;
	if (flags == 0 || (errno == 0 && (!trace_call("unshare(%s)", nstype_flags(flags, text)) ||
					  trace_result(unshare(flags)) == 0)))
		return 0;
	name_types(flags, verb, sizeof(verb));
	failure_errno(f, verb, NULL);
	explain_create(f, flags, plan->optional, plan->without);
	return -1;
}

static bool keeps_mount_namespace(const struct nsset_plan *plan)
{
	for (size_t i = 0; i < plan->pins; i++)
		if (plan->pin[i].type->flag == CLONE_NEWNS)
			return true;
	return false;
}

/*
 * A mount namespace can be bound only in one with a smaller number (loop prevention
 * in do_loopback(), fs/namespace.c).  Linux 6.18 hands numbers out to each processor
 * in batches, so that a newer one may have a smaller number: then it is made again
 * on the other processors, until it has a larger one.
 */
static int leave_in_order(const struct nsset_plan *plan, struct failure *f)
{
	bool matters = !trace_is_dry_run() && keeps_mount_namespace(plan);
	unsigned long long old = matters ? probe_mount_namespace_id(-1) : 0;
	cpu_set_t allowed, one;

	if (leave(plan, plan->flags, f) != 0)
		return -1;
	if (old == 0 || probe_mount_namespace_id(-1) > old ||
	    sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return 0;
	for (int cpu = 0; cpu < CPU_SETSIZE && probe_mount_namespace_id(-1) < old; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (CPU_ISSET(cpu, &allowed) && sched_setaffinity(0, sizeof(one), &one) == 0 &&
		    leave(plan, CLONE_NEWNS, f) != 0)
			return -1;
	}
	sched_setaffinity(0, sizeof(allowed), &allowed);
	return 0;
}

/* netdevice(7): one flag of one device; 127.0.0.1 and ::1 come with it. */
static int bring_up_loopback(struct failure *f)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	autofd fd = -1;

	if (!trace_call("ioctl(socket(AF_UNIX), SIOCSIFFLAGS, {\"lo\", IFF_UP})"))
		return 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (trace_result(fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &lo)) == 0)
		return 0;
	return failure_errno(f, "bring up the device", "lo");
}

/* Inside, what must be before the first process of pid and time is made. */
static int furnish(const struct nsset *set, struct failure *f)
{
	const struct nsset_plan *plan = set->plan;

	if (plan->outside ? request(set, WRITE_MAPS, f) != 0 : write_settings(set, true, f) != 0)
		return -1;
	if ((plan->flags & CLONE_NEWNS) != 0 && mnt_set_propagation(plan->propagation, f) != 0) {
		explain_propagation(f);
		return -1;
	}
	if (plan->loopback && bring_up_loopback(f) != 0) {
		explain_privilege(f, CAP_NET_ADMIN, "CAP_NET_ADMIN");
		return -1;
	}
	if (plan->hostname != NULL && uts_set(&uts_host, plan->hostname, f) != 0)
		return -1;
	if (plan->domainname != NULL && uts_set(&uts_domain, plan->domainname, f) != 0)
		return -1;
	return 0;
}

static bool needs_proc(const struct nsset_plan *plan)
{
	return plan->outside || plan->ids.uids.ranges > 0 || plan->ids.gids.ranges > 0 ||
	       plan->ids.setgroups != 0 || plan->monotonic.asked.given ||
	       plan->boottime.asked.given;
}

int nsset_create(struct nsset *set, struct nsset_plan *plan, struct failure *f)
{
	*set = (struct nsset){ .plan = plan, .pid = getpid(), .proc = -1, .outside = -1 };
	if (needs_proc(plan)) {
		set->proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (set->proc < 0) {
			failure_errno(f, "open", "/proc/self");
			explain_proc(f);
			return -1;
		}
	}
	if (plan->outside && !trace_is_dry_run() && start_outside(set, f) != 0)
		return -1;
	if (plan->ids.owner.given && become_owner(plan, f) != 0)
		return -1;
	if (leave_in_order(plan, f) != 0)
		return -1;
	if (furnish(set, f) != 0) {
		explain_first_use(f);
		return -1;
	}
	if (plan->pins == 0)
		end_outside(set);
	return 0;
}

int nsset_keep_pins(struct nsset *set, struct failure *f)
{
	return set->plan->pins > 0 ? request(set, KEEP_PINS, f) : 0;
}

void nsset_commit(struct nsset *set)
{
	struct failure ignored;

	if (set->outside < 0)
		return;
	/* With its answer: the command may want to unmount what is kept at once. */
	request(set, COMMIT, &ignored);
	if (set->plan->forks)
		end_outside(set);
}

void nsset_abandon(struct nsset *set)
{
	struct failure ignored;

	if (set->outside < 0)
		return;
	request(set, ABANDON, &ignored);
	end_outside(set);
}

void nsset_leave_to_parent(struct nsset *set)
{
	set->outside_pid = 0;
	end_outside(set);
}
