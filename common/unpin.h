/*
 * unpin.h - end a pinned set by its name
 *
 * SPDX-License-Identifier: MIT
 * layer 8
 */
#ifndef UNPIN_H
#define UNPIN_H

#include <stdbool.h>

#include "message.h"

/*
 * Ends the set's keeper, waits until it has ended, and takes its name out of the
 * registry.  As PID 1 the keeper takes every process with it that is in its PID
 * namespace, or below: where there are others, only with force.  *stale: the set had
 * ended before, and only the name was removed.  Returns 0, or -1 with *f.
 */
int unpin(const char *name, bool force, bool *stale, struct failure *f);

#endif
