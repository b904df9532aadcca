/*
 * pidfd.h - from a pidfd to what /proc says of the process
 *
 * SPDX-License-Identifier: MIT
 * layer 2
 */
#ifndef PIDFD_H
#define PIDFD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Opens the /proc/PID of the process that pidfd stands for, under the number that it
 * has in the PID namespace of that proc: fdinfo tells it (pidfd_open(2), 5.3).  An
 * O_PATH descriptor of the caller's, or -1 with errno: ESRCH where it has ended or that
 * proc does not show it.
 */
int pidfd_open_proc(int pidfd);

/*
 * Reads the inode of pidfd, which no other process has had since the system was booted.
 * Returns 0, or -1 with errno: ENOTSUP where pidfds have none of their own (before 6.9).
 */
int pidfd_read_inode(int pidfd, uint64_t *inode);

/* Has the process ended, all its threads with it (pidfd_open(2), "poll")? */
bool pidfd_has_ended(int pidfd);

/*
 * One of our own namespaces, by KERNEL_PIDFD_GET_* (6.11): without a proc, or under
 * another one.  A descriptor of the caller's, or -1 with errno.
 */
int pidfd_open_own(unsigned which);

#endif
