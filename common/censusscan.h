/*
 * censusscan.h - the walk through /proc, and what follows from it
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 *
 * A scan walks /proc once.  What concerns one process alone never ends it: a process
 * that ended meanwhile is left out in silence, one that may not be read is counted.
 * Nothing here prints; what the model could not see is in its counts.
 *
 * Work and memory grow linearly with what is found.  For each process only the
 * namespaces are read, by the ioctls of its pidfd where the kernel has them (6.11):
 * each opens a namespace, which costs little as long as somebody has it open, so the
 * first descriptor of each is kept.  Else, and where /proc is that of another PID
 * namespace, so that its PIDs are not ours, the links below /proc/PID/ns are read.
 */
#ifndef CENSUSSCAN_H
#define CENSUSSCAN_H

#include "census.h"

/*
 * Fills census, which the caller frees in every case, with the namespaces of the types
 * in flags (CLONE_NEW*) and what `needs` asks for beside them; owners and parents are
 * there whatever their type.  The soft RLIMIT_NOFILE is raised until census_free().  Returns 0, or -1 with
 * errno when /proc cannot be read or there is no memory.
 */
int census_scan(struct census *census, int flags, int needs);

#endif
