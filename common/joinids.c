/*
 * joinids.c - whom the command is to be in the namespaces that are joined
 *
 * SPDX-License-Identifier: MIT
 */
#include "joinids.h"

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
#include "cleanup.h"
#include "creds.h"
#include "file.h"
#include "idmap.h"
#include "kernel.h"
#include "num.h"
#include "procfs.h"
#include "trace.h"

static bool is_follow(const char *asked)
{
	return asked != NULL && strcmp(asked, "follow") == 0;
}

static bool enters(const struct join *join)
{
	return (join_flags(join) & CLONE_NEWUSER) != 0;
}

/* A number, a name of the target's, or "follow", which is looked up inside. */
static int find_id(const char *option, const char *text, bool found, uint32_t *id,
		   struct failure *f)
{
	if (text == NULL || is_follow(text) || num_parse_id(text, id) || found)
		return 0;
	return failure_option(f, option,
			      "neither an ID, 0 to 4294967294, nor a name that the target knows: "
			      "'%s'",
			      text);
}

int joinids_look_up(struct joinids *ids, const struct join *join, struct failure *f)
{
	const char *uid = ids->setuid, *gid = ids->setgid;

	ids->names = -1;
	if (join->target.pidfd >= 0)
		ids->names = openat(join->target.proc, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ids->self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ids->self < 0)
		return failure_errno(f, "open", "/proc/self");
	if (find_id("--setuid", uid, uid != NULL && users_find_uid(ids->names, uid, &ids->uid),
		    &ids->uid, f) != 0 ||
	    find_id("--setgid", gid, gid != NULL && users_find_gid(ids->names, gid, &ids->gid),
		    &ids->gid, f) != 0)
		return -1;
	if (ids->needs_user)
		users_find(ids->names, ids->uid, &ids->user);
	return 0;
}

/* Where it is denied, groups are left as they are, without a word (user_namespaces(7)). */
static bool is_setgroups_denied(int dir)
{
	char text[16];

	return file_read(dir, "setgroups", text, sizeof(text)) > 0 && strcmp(text, "deny\n") == 0;
}

int joinids_leave(struct joinids *ids, const struct join *join, struct failure *f)
{
	if (!enters(join) || ids->preserve_credentials || !caps_have(CAP_SETGID) ||
	    is_setgroups_denied(ids->self))
		return 0;
	ids->groups_dropped = true;
	return creds_drop_groups(f);
}

/* A dry run is not there yet: it sees IDs from outside, but the target is there. */
static bool is_seen_by_target(const struct join *join)
{
	return trace_is_dry_run() && (join->by_pidfd & CLONE_NEWUSER) != 0;
}

/* Where our own settings are. */
static int settings(const struct joinids *ids, const struct join *join)
{
	return is_seen_by_target(join) ? join->target.proc : ids->self;
}

static int not_mapped(const struct idmap_kind *kind, int dir, uint32_t id, struct failure *f)
{
	struct stat st = { 0 };
	char text[16];

	fstatat(dir, "ns/user", &st, 0);
	snprintf(text, sizeof(text), "%u", (unsigned)id);
	return failure_reason(f, kind == &idmap_users ? "set user ID" : "set group ID", text,
			      "not mapped in user:[%ju]", (uintmax_t)st.st_ino);
}

/* As asked, else 0 where that is mapped, else one's own. */
static int choose_id(const struct idmap_kind *kind, const struct join *join, int dir,
		     const char *asked, uint32_t its, uint32_t own, uint32_t *id, struct failure *f)
{
	struct idmap map = { 0 };

	if (trace_is_dry_run() && enters(join) && !is_seen_by_target(join))
		return 0; /* into a file's: its map is to be seen by nobody */
	if (idmap_read(kind, dir, &map, f) != 0)
		return -1;
	if (is_seen_by_target(join)) {
		its = idmap_to_inner(&map, its);
		own = idmap_to_inner(&map, own);
	}
	if (asked == NULL)
		*id = idmap_has_inner(&map, 0) ? 0 : own;
	else if (is_follow(asked))
		*id = its;
	if (idmap_has_inner(&map, *id))
		return 0;
	if (asked != NULL && !is_follow(asked))
		return not_mapped(kind, dir, *id, f);
	if (asked != NULL)
		return failure_reason(f, "follow the target", NULL, "its %s is not mapped here",
				      kind->noun);
	return failure_reason(f, "have a user and a group inside", NULL,
			      "neither 0 nor your own %s is mapped there", kind->noun);
}

static int refuse_groups(int dir, struct failure *f)
{
	struct stat st = { 0 };

	fstatat(dir, "ns/user", &st, 0);
	return failure_reason(f, "drop the supplementary groups", NULL,
			      "setgroups is denied in user:[%ju]", (uintmax_t)st.st_ino);
}

/* Read while it lives, or not at all: an ID that is unknown is never 0. */
static int read_target(const struct joinids *ids, const struct target *target,
		       struct procfs_status *its, struct failure *f)
{
	*its = (struct procfs_status){ .uid = KERNEL_OVERFLOW_ID, .gid = KERNEL_OVERFLOW_ID };
	if (!is_follow(ids->setuid) && !is_follow(ids->setgid))
		return 0;
	if (target->pidfd < 0)
		return failure_reason(f, "follow the target", NULL, "it is no process");
	if (procfs_read_status(target->proc, its) == 0)
		return target_check(target, f);
	return target_check(target, f) != 0 ? -1
					    : failure_errno(f, "read the IDs of the target", NULL);
}

int joinids_choose(struct joinids *ids, const struct join *join, struct identity *identity,
		   struct failure *f)
{
	bool switches = enters(join) && !ids->preserve_credentials;
	int dir = settings(ids, join);
	bool denied = enters(join) && is_setgroups_denied(dir);
	struct procfs_status its;

	*identity = (struct identity){
		.has_uid = ids->setuid != NULL || switches,
		.has_gid = ids->setgid != NULL || switches,
		.uid = ids->uid,
		.gid = ids->gid,
		.keep_groups = ids->groups_dropped || denied,
		.caps.keep = ids->keep_caps && enters(join),
	};
	if (denied && !ids->groups_dropped && ids->setgid != NULL)
		return refuse_groups(dir, f);
	if (read_target(ids, &join->target, &its, f) != 0 ||
	    (identity->has_uid && choose_id(&idmap_users, join, dir, ids->setuid, its.uid,
					    geteuid(), &identity->uid, f) != 0) ||
	    (identity->has_gid && choose_id(&idmap_groups, join, dir, ids->setgid, its.gid,
					    getegid(), &identity->gid, f) != 0))
		return -1;
	return 0;
}

void joinids_find_user(struct joinids *ids, const struct identity *identity)
{
	if (!ids->needs_user)
		return;
	/* No name service is asked in here: without a target's, the root's own files are read. */
	if (ids->names < 0)
		ids->names = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	users_find(ids->names, identity->has_uid ? identity->uid : geteuid(), &ids->user);
}

void joinids_close(struct joinids *ids)
{
	close_fd(&ids->self);
	close_fd(&ids->names);
}
