/*
 * users.h - a user's entry in the user database (passwd(5))
 *
 * SPDX-License-Identifier: MIT
 * layer 2
 */
#ifndef USERS_H
#define USERS_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct user {
	uid_t uid;
	char name[256];
	char home[PATH_MAX];
	char shell[PATH_MAX];
};

/*
 * Finds the user of this ID: in our own database, or, with an open directory root that
 * is not -1, in its /etc/passwd alone, read as data, because what a strange root has for a name
 * service must not run in us.  One that is not there, or too long, is described as
 * login(1) would: root in /root, another in /, by its number, with /bin/sh.
 */
void users_find(int root, uid_t uid, struct user *user);

/*
 * The ID of the user or group of this name in etc/passwd or etc/group below root, read
 * as data.  False: there is none.
 */
bool users_find_uid(int root, const char *name, uid_t *uid);
bool users_find_gid(int root, const char *name, gid_t *gid);

#endif
