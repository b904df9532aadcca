/*
 * idplan.c - from options to the maps of user and group IDs
 *
 * SPDX-License-Identifier: MIT
 */
#include "idplan.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "num.h"

/* Instead of a name: the caller's own ID.  No user or group name has a colon. */
#define OWN_ID ":own"

static const struct opt_choice setgroups_choices[] = {
	{ "allow", SETGROUPS_ALLOW },
	{ "deny", SETGROUPS_DENY },
	{ 0 },
};

#define FIELD(member) .field = offsetof(struct idplan_request, member)

/* clang-format off */
const struct opt idplan_options[] = {
	{ .kind = OPT_GROUP, .help = "Users, groups and capabilities" },
	{ .kind = OPT_ALIAS, .letter = 'r', .name = "map-root-user",
	  .implies = "user\0map-user=0\0map-group=0\0",
	  .help = "map the caller to root" },
	{ .kind = OPT_ALIAS, .letter = 'c', .name = "map-current-user",
	  .implies = "user\0map-user=" OWN_ID "\0map-group=" OWN_ID "\0",
	  .help = "map the caller to itself" },
	{ .kind = OPT_TEXT, .name = "map-user", .arg = "USER", FIELD(user), .implies = "user\0",
	  .help = "map the caller to this user, a name or a number" },
	{ .kind = OPT_TEXT, .name = "map-group", .arg = "GROUP", FIELD(group),
	  .implies = "user\0", .help = "map the caller's group to this group" },
	{ .kind = OPT_LIST, .name = "map-users", .arg = "MAP", FIELD(users),
	  .implies = "user\0",
	  .help = "map users: INNER:OUTER:COUNT, auto, subids or all; may be repeated" },
	{ .kind = OPT_LIST, .name = "map-groups", .arg = "MAP", FIELD(groups),
	  .implies = "user\0", .help = "the same for groups" },
	{ .kind = OPT_ALIAS, .name = "map-auto",
	  .implies = "user\0map-users=auto\0map-groups=auto\0",
	  .help = "map the caller's subordinate IDs from 0 on" },
	{ .kind = OPT_ALIAS, .name = "map-subids",
	  .implies = "user\0map-users=subids\0map-groups=subids\0",
	  .help = "map the caller's subordinate IDs to themselves" },
	{ .kind = OPT_OWNER, .name = "owner", .arg = "UID:GID", FIELD(owner), .implies = "user\0",
	  .help = "make this user the owner of the user namespace" },
	{ .kind = OPT_CHOICE, .name = "setgroups", .arg = "WORD", .choices = setgroups_choices,
	  FIELD(setgroups), .help = "allow or deny setgroups(2) in the user namespace" },
	{ .kind = OPT_END },
};
/* clang-format on */

/* getpwnam(3) or getgrnam(3). */
static bool find_name(const struct idmap_kind *kind, const char *name, uint32_t *id)
{
	const struct passwd *user = kind == &idmap_users ? getpwnam(name) : NULL;
	const struct group *group = kind == &idmap_groups ? getgrnam(name) : NULL;

	if (user != NULL)
		*id = user->pw_uid;
	if (group != NULL)
		*id = group->gr_gid;
	return user != NULL || group != NULL;
}

/* A user or group by name or number, or the caller's own. */
static int resolve(const struct idmap_kind *kind, const char *text, uint32_t own, uint32_t *id,
		   struct failure *f)
{
	if (strcmp(text, OWN_ID) == 0) {
		*id = own;
		return 0;
	}
	if (num_parse_id(text, id))
		return 0;
	if (text[0] >= '0' && text[0] <= '9')
		return failure_option(f, kind->single_option,
				      "not a valid ID: '%s' (0 to 4294967294)", text);
	if (find_name(kind, text, id))
		return 0;
	return failure_option(f, kind->single_option, "no such %s '%s'", kind->noun, text);
}

/* Adds to map, which is empty, the ranges and the single ID that the caller becomes. */
static int make_map(const struct idmap_kind *kind, const struct opt_list *ranges,
		    const char *single, struct idmap *map, struct failure *f)
{
	uint32_t own = kind == &idmap_users ? geteuid() : getegid(), inner;

	for (size_t i = 0; i < ranges->count; i++)
		if (idmap_add(map, kind, ranges->text[i], f) != 0)
			return -1;
	if (idmap_check(map, kind, f) != 0)
		return -1;
	if (single == NULL)
		return 0;
	if (resolve(kind, single, own, &inner, f) != 0)
		return -1;
	if (idmap_add_single(map, kind, inner, own, f) != 0)
		return -1;
	return idmap_check(map, kind, f); /* "auto" may have been shifted into another range */
}

/*
 * The caller's own group alone can be mapped without privilege, once setgroups is
 * denied; where only_one was asked for it always is, as by unshare(1).
 */
static int choose_setgroups(struct idplan *plan, bool only_one, struct failure *f)
{
	if (!idmap_is_single(&plan->gids, getegid()) || (!only_one && caps_have(CAP_SETGID)))
		return 0;
	if (plan->setgroups == SETGROUPS_ALLOW)
		return failure_option(
			f, "--setgroups",
			"'allow' is not possible where only one's own group is mapped");
	plan->setgroups = SETGROUPS_DENY;
	return 0;
}

void idplan_map_to_root(struct idplan_request *request)
{
	if (request->user != NULL || request->group != NULL || request->users.count > 0 ||
	    request->groups.count > 0)
		return;
	if (geteuid() == 0 && caps_have(CAP_SETUID) && caps_have(CAP_SETGID)) {
		request->users.text[request->users.count++] = "all";
		request->groups.text[request->groups.count++] = "all";
	} else {
		request->user = request->group = "0";
	}
}

int idplan_make(struct idplan *plan, const struct idplan_request *request, struct failure *f)
{
	bool only_one = request->groups.count == 0 && !request->owner.given;

	plan->owner = request->owner;
	plan->ranges = request->users.count > 0 || request->groups.count > 0;
	plan->setgroups = (enum idmap_setgroups)request->setgroups;
	if (make_map(&idmap_users, &request->users, request->user, &plan->uids, f) != 0 ||
	    make_map(&idmap_groups, &request->groups, request->group, &plan->gids, f) != 0)
		return -1;
	return choose_setgroups(plan, only_one, f);
}

static int check_mapped(const struct idmap_kind *kind, const struct idmap *map, uint32_t wanted,
			struct failure *f)
{
	char verb[32], id[16];

	if (idmap_has_inner(map, wanted))
		return 0;
	snprintf(verb, sizeof(verb), "set %s ID", kind->noun);
	snprintf(id, sizeof(id), "%u", wanted);
	failure_reason(f, verb, id, "not mapped in the new user namespace");
	failure_hint(f, "no map has it; see %s and %s", kind->single_option, kind->option);
	return -1;
}

int idplan_check_user(const struct idplan *plan, uid_t uid, struct failure *f)
{
	return check_mapped(&idmap_users, &plan->uids, uid, f);
}

int idplan_check_group(const struct idplan *plan, gid_t gid, struct failure *f)
{
	if (check_mapped(&idmap_groups, &plan->gids, gid, f) != 0)
		return -1;
	if (plan->setgroups == SETGROUPS_DENY)
		return failure_reason(f, "drop the supplementary groups", NULL,
				      "setgroups is denied in the new user namespace");
	return 0;
}
