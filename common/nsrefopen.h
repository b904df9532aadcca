/*
 * nsrefopen.h - take hold of what a reference leads to
 *
 * SPDX-License-Identifier: MIT
 * layer 8
 */
#ifndef NSREFOPEN_H
#define NSREFOPEN_H

#include "message.h"
#include "nsref.h"
#include "target.h"

/*
 * A process, by target, or one namespace, by *fd, which the caller closes; the other is
 * -1.  A namespace by its inode or ID is looked for in a census.  Returns 0, or -1 with
 * *f.
 */
int nsref_open(const struct nsref *ref, struct target *target, int *fd, struct failure *f);

#endif
