/*
 * pids.h - the processes of a PID namespace, by their PIDs at each level
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 */
#ifndef PIDS_H
#define PIDS_H

#include <stdio.h>

#include "census.h"
#include "message.h"
#include "nsref.h"
#include "show.h"

/* The PID namespace that the target is or is in, without one (NULL) the caller's; or NULL. */
const struct census_ns *pids_find_ns(const struct census *census,
				     const struct nsref_target *target);

/*
 * Writes a line for each process that is in the PID namespace or in one below it: its
 * own PID and those of the leaders of its thread group, process group and session, each
 * from the level of /proc inwards, 0 where the leader is outside; in JSON as an object
 * with "schema": 1.  The census must have details and relations; what cannot be read is counted in it.  Returns 0, or -1 and f.
 */
int pids_print(struct census *census, const struct census_ns *ns,
	       const struct show_options *options, FILE *file, struct failure *f);

#endif
