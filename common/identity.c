/*
 * identity.c - who the command is: IDs, capabilities, no_new_privs
 *
 * SPDX-License-Identifier: MIT
 */
#include "identity.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

#include "creds.h"
#include "explain.h"

int identity_check(const struct identity *identity, struct failure *f)
{
	char uid[16];

	snprintf(uid, sizeof(uid), "%u", (unsigned)identity->uid);
	errno = EPERM;
	if (identity->has_gid && !caps_have(CAP_SETGID))
		return failure_errno(f, "drop the supplementary groups", NULL);
	if (identity->has_uid && identity->uid != geteuid() && !caps_have(CAP_SETUID))
		return failure_errno(f, "set user ID", uid);
	if (caps_check(&identity->caps, f) == 0)
		return 0;
	explain_privilege(f, CAP_SETPCAP, "CAP_SETPCAP");
	return -1;
}

static int settle_ids(const struct identity *identity, struct failure *f)
{
	if (identity->has_gid && !identity->keep_groups && creds_drop_groups(f) != 0)
		return -1;
	if (identity->has_gid && creds_set_gid(identity->gid, f) != 0)
		return -1;
	return identity->has_uid ? creds_set_uid(identity->uid, f) : 0;
}

int identity_settle(const struct identity *identity, struct failure *f)
{
	if (caps_change_bounding(&identity->caps, f) != 0) {
		explain_privilege(f, CAP_SETPCAP, "CAP_SETPCAP");
		return -1;
	}
	if (identity->caps.only && identity->has_uid && caps_keep_over_setuid(f) != 0)
		return -1;
	if (settle_ids(identity, f) != 0 || caps_change(&identity->caps, f) != 0)
		return -1;
	return identity->no_new_privs ? caps_forbid_gain(f) : 0;
}
