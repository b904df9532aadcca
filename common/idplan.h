/*
 * idplan.h - from options to a map of user or group IDs
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef IDPLAN_H
#define IDPLAN_H

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

#endif
