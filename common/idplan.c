/*
 * idplan.c - from options to a map of user or group IDs
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
	if (strcmp(text, IDPLAN_OWN) == 0) {
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

int idplan_map(const struct idmap_kind *kind, const struct opt_list *ranges, const char *single,
	       struct idmap *map, struct failure *f)
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

int idplan_setgroups(const struct idmap *groups, bool only_one, enum idmap_setgroups *setgroups,
		     struct failure *f)
{
	if (!idmap_is_single(groups, getegid()) || (!only_one && caps_have(CAP_SETGID)))
		return 0;
	if (*setgroups == SETGROUPS_ALLOW)
		return failure_option(
			f, "--setgroups",
			"'allow' is not possible where only one's own group is mapped");
	*setgroups = SETGROUPS_DENY;
	return 0;
}

int idplan_check_mapped(const struct idmap_kind *kind, const struct idmap *map,
			const struct opt_id *wanted, struct failure *f)
{
	char verb[32], id[16];

	if (!wanted->given || idmap_has_inner(map, wanted->id))
		return 0;
	snprintf(verb, sizeof(verb), "set %s ID", kind->noun);
	snprintf(id, sizeof(id), "%u", wanted->id);
	failure_reason(f, verb, id, "not mapped in the new user namespace");
	failure_hint(f, "no map has it; see %s and %s", kind->single_option, kind->option);
	return -1;
}
