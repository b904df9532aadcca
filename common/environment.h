/*
 * environment.h - the environment that the command gets
 *
 * SPDX-License-Identifier: MIT
 * layer 1
 */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stddef.h>

/*
 * Leaves in the environment only the variables named in the lists, each a
 * comma-separated one; without any, an empty environment.
 */
void environment_keep_only(const char *const lists[], size_t count);

#endif
