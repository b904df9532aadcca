/*
 * idplan.h - from options to the maps of user and group IDs
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef IDPLAN_H
#define IDPLAN_H

#include <stdbool.h>
#include <sys/types.h>

#include "idmap.h"
#include "message.h"
#include "opts.h"

/* What idplan_options ask for. */
struct idplan_request {
	const char *user, *group;      /* that the caller becomes: a name or a number; or NULL */
	struct opt_list users, groups; /* ranges, each a text for idmap_add() */
	struct opt_owner owner;
	int setgroups;
};

extern const struct opt idplan_options[];

/* The maps and the owner of a user namespace that is to be made. */
struct idplan {
	struct idmap uids, gids;
	bool ranges;                    /* they have more than the caller's own IDs */
	enum idmap_setgroups setgroups; /* 0: left as it is */
	struct opt_owner owner;
};

/* Where no map is asked for: who may map every ID does; another becomes root alone. */
void idplan_map_to_root(struct idplan_request *request);

/* From the one, whose names are looked up, to the other, which is empty.  0, or -1 with *f. */
int idplan_make(struct idplan *plan, const struct idplan_request *request, struct failure *f);

/*
 * Can the command be this user, this group in it, without supplementary groups?
 * Returns 0, or -1 with *f.
 */
int idplan_check_user(const struct idplan *plan, uid_t uid, struct failure *f);
int idplan_check_group(const struct idplan *plan, gid_t gid, struct failure *f);

#endif
