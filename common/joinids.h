/*
 * joinids.h - whom the command is to be in the namespaces that are joined
 *
 * SPDX-License-Identifier: MIT
 * layer 8
 *
 * In a user namespace that is joined the command is user and group 0 where these are
 * mapped there, else whom the caller is there, if that is mapped.  Names are the
 * target's own, read as data from its /etc; "follow" is the target's ID.
 */
#ifndef JOINIDS_H
#define JOINIDS_H

#include <stdbool.h>
#include <sys/types.h>

#include "identity.h"
#include "join.h"
#include "message.h"
#include "users.h"

struct joinids {
	/* What was asked for: a number, a name, "follow", or NULL. */
	const char *setuid, *setgid;
	bool preserve_credentials, keep_caps;
	bool needs_user; /* else user is not looked up */

	/* By joinids_look_up(). */
	int self;  /* our own /proc/PID */
	int names; /* the target's root directory, or -1 */
	uid_t uid;
	gid_t gid;
	bool groups_dropped;
	struct user
		user; /* of the number asked for; then, by joinids_find_user(), of the command */
};

/* Before the joins: names, and what is to be read afterwards.  Returns 0, or -1 with *f. */
int joinids_look_up(struct joinids *ids, const struct join *join, struct failure *f);

/* Just before the joins: supplementary groups are dropped, as it may be denied inside. */
int joinids_leave(struct joinids *ids, const struct join *join, struct failure *f);

/*
 * After the joins: fills in identity, by the maps that hold now.  The target must
 * still live, if it is followed.  Returns 0, or -1 with *f.
 */
int joinids_choose(struct joinids *ids, const struct join *join, struct identity *identity,
		   struct failure *f);

/* Fills in ids->user, from the passwd file inside: it may keep us waiting for ever. */
void joinids_find_user(struct joinids *ids, const struct identity *identity);

void joinids_close(struct joinids *ids);

#endif
