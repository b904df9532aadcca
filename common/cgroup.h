/*
 * cgroup.h - joining a control group of version 2 (cgroups(7))
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 */
#ifndef CGROUP_H
#define CGROUP_H

#include "message.h"
#include "target.h"

/*
 * Moves this process, and so its later children, to the target's control group in the
 * version 2 hierarchy, as our own mount namespace shows it; do it before that is left.
 * Returns 0, or -1 with *f.
 */
int cgroup_join(const struct target *target, struct failure *f);

#endif
