/*
 * compare.h - what processes and namespaces have in common
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "message.h"
#include "nsref.h"
#include "show.h"

enum compare_result {
	COMPARE_SAME,
	COMPARE_DIFFERENT,
	COMPARE_UNKNOWN, /* something could not be read */
};

/*
 * The types that can be compared: of those in flags the ones that each target has, as a
 * namespace alone has but its own.
 */
int compare_types(const struct nsref_target *target, size_t targets, int flags);

enum compare_result compare(const struct nsref_target *target, size_t targets, int flags);

/*
 * Writes a line a type and a column a target: its inode, "=" where it is the first
 * target's, "?" where it cannot be read; in JSON as an object with "schema": 1.
 * Returns 0, or -1 and f.
 */
int compare_print(const struct nsref_target *target, size_t targets, int flags,
		  const struct show_options *options, FILE *file, struct failure *f);

#endif
