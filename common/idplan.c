/*
 * idplan.c - from options to a map of user or group IDs
 *
 * SPDX-License-Identifier: MIT
 */
#include "idplan.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

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
