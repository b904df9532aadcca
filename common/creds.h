/*
 * creds.h - user and group IDs of this process
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 *
 * Order: supplementary groups, then the group, then the user, which ends the right
 * to change the others (setresuid(2)); each is verified.  An ID that is not mapped
 * in this user namespace is told as such.  All return 0, or -1 with *f.
 */
#ifndef CREDS_H
#define CREDS_H

#include <sys/types.h>

#include "message.h"

int creds_drop_groups(struct failure *f);
int creds_set_gid(gid_t gid, struct failure *f);
int creds_set_uid(uid_t uid, struct failure *f);

#endif
