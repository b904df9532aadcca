/*
 * environment.h - the environment that the command gets
 *
 * SPDX-License-Identifier: MIT
 * layer 3
 */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stddef.h>

#include "message.h"
#include "users.h"

/*
 * Leaves in the environment only the variables named in the lists, each a
 * comma-separated one; without any, an empty environment.
 */
void environment_keep_only(const char *const lists[], size_t count);

/*
 * Takes over the environment of a process: bytes of "NAME=value", each with its NUL,
 * which stay the caller's and must outlive it.  user: whom the command is, where the
 * process may be less privileged than we, or NULL.  Then what steers the dynamic
 * loader, shells and languages is left out (ld.so(8), bash(1)), PATH stays as it is,
 * and HOME, SHELL and USER are the user's.  Returns how many others were left out, or
 * -1 with *f.
 */
int environment_take(char *block, size_t bytes, const struct user *user, struct failure *f);

/*
 * As at a login of this user: PATH, HOME, SHELL, USER, and TERM as it is; beside
 * these only the variables named in the lists, as they are.  Returns 0, or -1 with *f.
 */
int environment_clean(const struct user *user, const char *const lists[], size_t count,
		      struct failure *f);

#endif
