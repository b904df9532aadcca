/*
 * creds.c - user and group IDs of this process
 *
 * SPDX-License-Identifier: MIT
 */
#include "creds.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

#include "trace.h"

int creds_drop_groups(struct failure *f)
{
	if (!trace_call("setgroups(0, NULL)") || trace_result(setgroups(0, NULL)) == 0)
		return 0;
	return failure_errno(f, "drop the supplementary groups", NULL);
}

/* EINVAL of setres[ug]id(2) has one meaning. */
static int id_failure(const char *verb, unsigned id, struct failure *f)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", id);
	if (errno == EINVAL)
		return failure_reason(f, verb, text, "not mapped in this user namespace");
	return failure_errno(f, verb, text);
}

int creds_set_gid(gid_t gid, struct failure *f)
{
	gid_t real = gid, effective = gid, saved = gid;

	if (!trace_call("setresgid(%u, %u, %u)", gid, gid, gid))
		return 0;
	if (trace_result(setresgid(gid, gid, gid)) != 0)
		return id_failure("set group ID", gid, f);
	if (getresgid(&real, &effective, &saved) == 0 && real == gid && effective == gid &&
	    saved == gid)
		return 0;
	errno = EPERM;
	return id_failure("set group ID", gid, f);
}

int creds_set_uid(uid_t uid, struct failure *f)
{
	uid_t real = uid, effective = uid, saved = uid;

	if (!trace_call("setresuid(%u, %u, %u)", uid, uid, uid))
		return 0;
	if (trace_result(setresuid(uid, uid, uid)) != 0)
		return id_failure("set user ID", uid, f);
	if (getresuid(&real, &effective, &saved) == 0 && real == uid && effective == uid &&
	    saved == uid)
		return 0;
	errno = EPERM;
	return id_failure("set user ID", uid, f);
}
