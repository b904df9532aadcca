/*
 * caps.h - capabilities; the only user of libcap-ng
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 *
 * A set of capabilities is a uint64_t, in which bit n stands for capability n.  The
 * rules are those of capabilities(7).  Functions that return int return 0, or -1
 * with *f.
 */
#ifndef CAPS_H
#define CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

/* Is this CAP_* (linux/capability.h) effective, in our own user namespace? */
bool caps_have(unsigned capability);

/*
 * Adds to *set what the list names: capabilities in any case, with or without
 * "CAP_", separated by commas; "all" or "none".  option names where it came from.
 */
int caps_parse(const char *option, const char *list, uint64_t *set, struct failure *f);

/* What becomes of the sets of this process; nothing, where all is zero. */
struct caps_change {
	bool keep;     /* everything permitted becomes inheritable and ambient */
	bool only;     /* and it is no more than `set` */
	uint64_t set;  /* which must be permitted */
	uint64_t drop; /* is left nowhere */
	bool all_held; /* for a dry run: by then, in a new user namespace, all are */
};

/*
 * Takes out of the bounding set what must not come back by an exec, as uid 0 or
 * through a file's capabilities.  Needs CAP_SETPCAP, so call it before the IDs are
 * changed.
 */
int caps_change_bounding(const struct caps_change *change, struct failure *f);

/* For a dry run: could that be done by this process as it is? */
int caps_check(const struct caps_change *change, struct failure *f);

/* The next change of user IDs leaves the permitted set alone (prctl(2), PR_SET_KEEPCAPS). */
int caps_keep_over_setuid(struct failure *f);

/*
 * Changes permitted, effective, inheritable and, if something is to be kept, ambient
 * (4.3), so that exec keeps it whatever the user ID.  Call it after the last change
 * of IDs, which may clear them.
 */
int caps_change(const struct caps_change *change, struct failure *f);

/* The command, and whatever it executes, gains nothing by an exec (prctl(2), 3.5). */
int caps_forbid_gain(struct failure *f);

/* Gives up every capability of this process but those of the bounding set.  0, or -1 with errno. */
int caps_drop_all(void);

#endif
