/*
 * nsrefopen.c - take hold of what a reference leads to
 *
 * SPDX-License-Identifier: MIT
 */
#include "nsrefopen.h"

#include <fcntl.h>
#include <stdbool.h>

#include "census.h"
#include "censusscan.h"
#include "cleanup.h"
#include "container.h"
#include "explainjoin.h"
#include "nstype.h"
#include "procfs.h"

static int open_by_census(const struct nsref *ref, int *fd, struct failure *f)
{
	struct nsref_target found;
	struct census census;
	int flags = 0, result = -1;

	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		flags |= nstypes[i].flag;
	if (census_scan(&census, ref->type != NULL ? ref->type->flag : flags, nsref_needs(ref)) !=
	    0)
		failure_errno(f, "find namespace", ref->text);
	else if (nsref_find(ref, &census, &found, f) == 0)
		result = *fd = census_open_ns(&census, found.ns);
	if (result < 0 && f->verb[0] == '\0')
		failure_errno(f, "open namespace", ref->text);
	census_free(&census);
	return result < 0 ? -1 : 0;
}

/* The PID that was found for a container may have become another process's since. */
static int open_process(const struct nsref *ref, struct target *target, struct failure *f)
{
	if (target_open(target, ref->pid, ref->pidfd_inode, f) != 0) {
		explain_target(f, ref->pid);
		return -1;
	}
	if (ref->container == NULL || container_holds(ref->container, target->proc))
		return target_check(target, f);
	target_close(target);
	return failure_reason(f, "find container", ref->container, "its process has ended");
}

static bool is_own_proc(void)
{
	autofd proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	pid_t self;

	return proc >= 0 && procfs_find_self(proc, &self) == 1;
}

int nsref_open(const struct nsref *ref, struct target *target, int *fd, struct failure *f)
{
	*target = (struct target){ 0, -1, -1 };
	*fd = -1;
	*f = (struct failure){ 0 };
	switch (ref->kind) {
	case NSREF_PROCESS: return open_process(ref, target, f);
	case NSREF_FILE: *fd = nsref_open_file(ref, is_own_proc(), f); return *fd < 0 ? -1 : 0;
	case NSREF_INODE:
	case NSREF_ID: return open_by_census(ref, fd, f);
	case NSREF_INITIAL: break;
	}
	return failure_reason(f, "enter", ref->text, "it is for comparing, not for entering");
}
