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
 * As at a login of this user: PATH, HOME, SHELL, USER, and TERM as it is; beside
 * these only the variables named in the lists, as they are.  Returns 0, or -1 with *f.
 */
int environment_clean(const struct user *user, const char *const lists[], size_t count,
		      struct failure *f);

#endif
