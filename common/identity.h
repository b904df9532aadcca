/*
 * identity.h - who the command is: IDs, capabilities, no_new_privs
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 *
 * Order: the bounding set, which only a privileged user may limit; supplementary
 * groups, group, user; then the other sets, which a change of user clears; and
 * no_new_privs.
 */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "caps.h"
#include "message.h"
#include "opts.h"

/* What identity_options ask for. */
struct identity_request {
	struct opt_id setuid, setgid;
	bool keep_caps;
	struct opt_list caps, drop_caps;
	bool no_new_privs;
};

extern const struct opt identity_options[];

struct identity {
	bool has_uid, has_gid; /* with a gid the supplementary groups are dropped */
	bool keep_groups;      /* but for this: setgroups(2) is denied here */
	uid_t uid;
	gid_t gid;
	struct caps_change caps;
	bool no_new_privs;
};

/* From the one to the other; inside: of a new user namespace.  0, or -1 with *f. */
int identity_make(struct identity *identity, const struct identity_request *request, bool inside,
		  struct failure *f);

/*
 * For a dry run: what the kernel would refuse for want of a capability here; not for
 * a new user namespace, in which one has all.  Returns 0, or -1 with *f.
 */
int identity_check(const struct identity *identity, struct failure *f);

/* Becomes that.  Returns 0, or -1 with *f; then the process can only end. */
int identity_settle(const struct identity *identity, struct failure *f);

#endif
