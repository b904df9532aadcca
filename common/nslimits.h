/*
 * nslimits.h - which types of namespaces there are here, and how many may be made
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 */
#ifndef NSLIMITS_H
#define NSLIMITS_H

#include <stdio.h>

#include "census.h"
#include "message.h"
#include "show.h"

/*
 * Writes a line for each type in flags: whether the kernel has it, how many the census
 * found, the maximum here (/proc/sys/user, namespaces(7)), and whether one more can be
 * made, which a child process tries; in JSON as an object with "schema": 1.  Returns 0,
 * or -1 and f.
 */
int nslimits_print(const struct census *census, int flags, const struct show_options *options,
		   FILE *file, struct failure *f);

#endif
