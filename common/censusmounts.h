/*
 * censusmounts.h - what mounts and the kernel's own lists add to a census
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef CENSUSMOUNTS_H
#define CENSUSMOUNTS_H

#include "census.h"

/* The namespaces mounted where a process is, as its mountinfo has them. */
void census_read_mounts(struct census *census);

/* NS_MNT_GET_NEXT (6.12) and listns(2) (6.19), where the caller may. */
void census_read_kernel_lists(struct census *census);

/*
 * Those mounted where no process sees them, as in mount namespaces without one, which
 * another way has found (listmount(2), 6.11).
 */
void census_read_distant_mounts(struct census *census);

#endif
