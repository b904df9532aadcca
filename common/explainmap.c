/*
 * explainmap.c - why a map of user or group IDs was refused
 *
 * SPDX-License-Identifier: MIT
 */
#include "explainmap.h"

#include <errno.h>
#include <linux/capability.h>
#include <unistd.h>

#include "caps.h"
#include "cause.h"
#include "file.h"
#include "probe.h"

struct map_write {
	const struct idmap *map;
	const struct idmap_kind *kind;
	const struct idmap_target *target;
	bool is_helper;
};

static bool is_from_inside(const struct map_write *w)
{
	return w->target->pid == getpid();
}

/* user_namespaces(7): once and for all. */
static bool is_written(struct cause_case *c)
{
	const struct map_write *w = c->what;
	char text[KERNEL_IDMAP_BYTES * 2];

	return !w->is_helper && file_read(w->target->proc, w->kind->map, text, sizeof(text)) > 0 &&
	       cause_word(c, 1, "%s", w->kind->map);
}

/* From outside: our own map is that of the parent user namespace. */
static bool is_not_in_parent(struct cause_case *c)
{
	const struct map_write *w = c->what;
	struct idmap parent = { 0 };
	struct failure ignored;

	if (is_from_inside(w) || idmap_read(w->kind, -1, &parent, &ignored) != 0)
		return false;
	for (size_t i = 0; i < w->map->ranges; i++) {
		const struct idrange *r = &w->map->range[i];

		if (idmap_has_inner_range(&parent, r->outer, r->count))
			continue;
		cause_word(c, 1, "%s IDs %u to %u", w->kind->noun, r->outer,
			   r->outer + r->count - 1);
		return cause_word(c, 2, "%s", w->kind->map);
	}
	return false;
}

static int use_capability(const void *unused)
{
	(void)unused;
	return chroot("/");
}

/*
 * Since 5.12 mapping the parent's user 0 takes CAP_SETFCAP there.  From inside, where that
 * can no longer be read, it is what is left: capabilities work, and the map is one's own ID.
 */
static bool lacks_setfcap(struct cause_case *c)
{
	const struct map_write *w = c->what;
	bool maps_root = false;

	for (size_t i = 0; i < w->map->ranges; i++)
		maps_root |= w->map->range[i].outer == 0;
	if (!maps_root || w->is_helper || w->kind != &idmap_users)
		return false;
	/* Without CAP_SETUID one's own ID is all that may be mapped. */
	cause_word(c, 1, "%s",
		   !is_from_inside(w) && caps_have(CAP_SETUID) ? "map other users, or run this"
							       : "run this as another user, or");
	return is_from_inside(w) ? probe_try(use_capability, NULL) == 0 : !caps_have(CAP_SETFCAP);
}

static bool is_foreign(struct cause_case *c, bool is_free)
{
	const struct map_write *w = c->what;
	struct idmap_foreign found = { 0 };
	uint32_t own = w->kind == &idmap_users ? getuid() : getgid();

	if (!w->is_helper || !idmap_find_foreign(w->map, w->kind, own, &found) ||
	    found.is_free != is_free)
		return false;
	cause_word(c, 1, "%s has the %s IDs %u to %u", w->kind->subids, w->kind->noun,
		   found.range.outer, found.range.outer + found.range.count - 1);
	cause_word(c, 3, "%s", w->kind->option);
	return cause_word(c, 2, "%s %u-%u %s", w->kind->usermod, found.range.outer,
			  found.range.outer + found.range.count - 1, found.user);
}

static bool is_nobodys(struct cause_case *c)
{
	return is_foreign(c, true);
}

static bool is_somebodys(struct cause_case *c)
{
	return is_foreign(c, false);
}

static const struct cause map_causes[] = {
	{ { EPERM },
	  is_written,
	  "another process has written $1 already, which can be done once",
	  "leave the map to one of the two" },
	{ { 0 },
	  is_not_in_parent,
	  "the user namespace that you are in does not have the $1",
	  "map only what /proc/self/$2 has in its first column" },
	{ { EPERM },
	  lacks_setfcap,
	  "mapping user 0 takes CAP_SETFCAP, which you lack",
	  "$1 with that capability" },
	{ { 0 }, is_nobodys, "no line of yours in $1", "run 'usermod $2' as root" },
	{ { 0 }, is_somebodys, "no line of yours in $1", "map your own ones, as by $3=auto" },
};

void explain_map(struct failure *f, const struct idmap *map, const struct idmap_kind *kind,
		 const struct idmap_target *target, bool is_helper)
{
	const struct map_write what = { map, kind, target, is_helper };

	CAUSE_FIND(map_causes, &what, f);
}
