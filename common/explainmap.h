/*
 * explainmap.h - why a map of user or group IDs was refused
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef EXPLAINMAP_H
#define EXPLAINMAP_H

#include <stdbool.h>

#include "idmap.h"
#include "message.h"

/*
 * idmap_write() of this map failed.  is_helper: by newuidmap(1) or newgidmap(1).  Adds a
 * hint, if a cause is found (explain.h).
 */
void explain_map(struct failure *f, const struct idmap *map, const struct idmap_kind *kind,
		 const struct idmap_target *target, bool is_helper);

#endif
