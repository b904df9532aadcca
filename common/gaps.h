/*
 * gaps.h - what a census could not see, and what it saw that is of no use, in words
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef GAPS_H
#define GAPS_H

#include <stdbool.h>

#include "census.h"

/*
 * Calls tell() once for each gap, for what is dead among the types in flags (CLONE_NEW*),
 * and with `names` for entries of ip-netns(8) that are no namespaces here.
 */
void gaps_tell(const struct census *census, int flags, bool names,
	       void (*tell)(const char *format, ...) __attribute__((format(printf, 1, 2))));

#endif
