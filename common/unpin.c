/*
 * unpin.c - end a pinned set by its name
 *
 * SPDX-License-Identifier: MIT
 */
#include "unpin.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "census.h"
#include "censusscan.h"
#include "cleanup.h"
#include "kernel.h"
#include "pinned.h"
#include "procfs.h"
#include "trace.h"

static const char verb[] = "end";

/* Is it PID 1 of its PID namespace?  Then that was made with it, and ends with it. */
static bool is_init(const struct census *census, const struct pinned *set)
{
	autofd dir = procfs_open(census->proc, set->pid);
	struct procfs_status status;

	return dir >= 0 && procfs_read_status(dir, &status) == 0 && status.levels > 0 &&
	       status.pid[status.levels - 1] == 1;
}

static size_t count_others(const struct census *census, const struct pinned *set)
{
	const size_t pid = (size_t)(nstype_by_flag(CLONE_NEWPID) - nstypes);
	const struct census_process *keeper = census_find_process(census, set->pid);
	size_t count = 0;
	autofd top = -1;

	if (keeper == NULL || keeper->ns[pid] == NULL || !is_init(census, set))
		return 0;
	top = census_open_ns(census, keeper->ns[pid]);
	for (size_t i = 0; i < census->processes; i++) {
		const struct census_process *process = census->process[i];

		if (process == keeper)
			continue;
		/* Of another user's, as root's, the kernel tells no more than its PID there. */
		count += process->ns[pid] != NULL
				 ? census_is_below(process->ns[pid], keeper->ns[pid])
				 : ioctl(top, KERNEL_NS_GET_PID_IN_PIDNS, process->pid) > 0;
	}
	return count;
}

static int check_others(const struct pinned *set, struct failure *f)
{
	struct census census;
	size_t others = 0;
	int result = census_scan(&census, CLONE_NEWPID, CENSUS_RELATIONS);

	if (result != 0) {
		failure_errno(f, "read", "/proc/");
	} else if (!census.own_proc) {
		result = failure_reason(f, verb, set->name,
					"/proc is that of another PID namespace, and does not "
					"tell who would end with it");
		failure_hint(f, "the set was not looked into; add '--force'");
	} else if ((others = count_others(&census, set)) > 0) {
		result = failure_reason(f, verb, set->name, "%zu other process%s in it", others,
					others > 1 ? "es are" : " is");
		failure_hint(f, "what is in its PID namespace ends with it; add '--force'");
	}
	census_free(&census);
	return result;
}

static int end_keeper(const struct pinned *set, int pidfd, struct failure *f)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	if (!trace_call("pidfd_send_signal(%s, SIGKILL, NULL, 0)", trace_number(pidfd, "FD")))
		return 0;
	if (trace_result(syscall(KERNEL_SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0)) != 0)
		return failure_errno(f, verb, set->name);
	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	return 0;
}

/* *stale: the set has ended before. */
static int end_set(const struct pinning *p, bool force, bool *stale, struct failure *f)
{
	autofd pidfd = pinned_open_keeper(&p->set);

	*stale = pidfd < 0;
	if (!*stale &&
	    ((!force && check_others(&p->set, f) != 0) || end_keeper(&p->set, pidfd, f) != 0))
		return -1;
	return pinned_remove(p) == 0 ? 0 : failure_errno(f, "remove the entry of", p->set.name);
}

int unpin(const char *name, bool force, bool *stale, struct failure *f)
{
	bool found = false;
	int result = 0;

	*stale = true;
	for (size_t n = 0; n < PINNED_REGISTRIES && *stale && result == 0; n++) {
		struct pinning p = { .dir = -1 };

		if (!pinned_open_entry(&p, n, name))
			continue;
		found = true;
		result = end_set(&p, force, stale, f);
		pinned_close(&p);
	}
	return found ? result : failure_reason(f, verb, name, "no set of this name is pinned");
}
