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

#define FIELD(member) .field = offsetof(struct identity_request, member)

/* clang-format off */
const struct opt identity_options[] = {
	{ .kind = OPT_ID, .letter = 'S', .name = "setuid", .arg = "UID", FIELD(setuid),
	  .help = "run the command as this user" },
	{ .kind = OPT_ID, .letter = 'G', .name = "setgid", .arg = "GID", FIELD(setgid),
	  .help = "run it as this group, without supplementary groups" },
	{ .kind = OPT_FLAG, .name = "keep-caps", FIELD(keep_caps),
	  .help = "keep the capabilities of the user namespace in the command" },
	{ .kind = OPT_LIST, .name = "caps", .arg = "CAPS", .ours = true, FIELD(caps),
	  .help = "leave the command these capabilities, whoever it is, and no others" },
	{ .kind = OPT_LIST, .name = "drop-caps", .arg = "CAPS", .ours = true, FIELD(drop_caps),
	  .help = "take these capabilities from the command for good" },
	{ .kind = OPT_FLAG, .name = "no-new-privs", .ours = true, FIELD(no_new_privs),
	  .help = "let the command gain no privilege by what it executes" },
	{ .kind = OPT_END },
};
/* clang-format on */

static int parse_caps(const char *option, const struct opt_list *lists, uint64_t *set,
		      struct failure *f)
{
	for (size_t i = 0; i < lists->count; i++)
		if (caps_parse(option, lists->text[i], set, f) != 0)
			return -1;
	return 0;
}

int identity_make(struct identity *identity, const struct identity_request *request, bool inside,
		  struct failure *f)
{
	*identity = (struct identity){
		.has_uid = request->setuid.given,
		.uid = request->setuid.id,
		.has_gid = request->setgid.given,
		.gid = request->setgid.id,
		.caps.keep = request->keep_caps && inside,
		.caps.only = request->caps.count > 0,
		.caps.all_held = inside,
		.no_new_privs = request->no_new_privs,
	};
	if (parse_caps("--caps", &request->caps, &identity->caps.set, f) != 0)
		return -1;
	return parse_caps("--drop-caps", &request->drop_caps, &identity->caps.drop, f);
}

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
