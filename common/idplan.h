/*
 * idplan.h - from options to a map of user or group IDs
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef IDPLAN_H
#define IDPLAN_H

#include <stdbool.h>

#include "idmap.h"
#include "message.h"
#include "opts.h"

/* Instead of a name: the caller's own ID.  No user or group name has a colon. */
#define IDPLAN_OWN ":own"

/*
 * Adds to map, which is empty, what the options say: ranges, each a text for
 * idmap_add(), and single, the user or group (a name, a number, IDPLAN_OWN, or NULL)
 * that the caller becomes.  Looks names up.  Returns 0, or -1 with *f.
 */
int idplan_map(const struct idmap_kind *kind, const struct opt_list *ranges, const char *single,
	       struct idmap *map, struct failure *f);

/*
 * The caller's own group alone can be mapped without privilege, once setgroups is
 * denied; where only_one was asked for it always is, as by unshare(1).  *setgroups
 * is what the user said, and becomes what is to be written.  Returns 0, or -1 with *f.
 */
int idplan_setgroups(const struct idmap *groups, bool only_one, enum idmap_setgroups *setgroups,
		     struct failure *f);

/* Does the namespace that is to be made have the ID that was asked for, if any? */
int idplan_check_mapped(const struct idmap_kind *kind, const struct idmap *map,
			const struct opt_id *wanted, struct failure *f);

#endif
