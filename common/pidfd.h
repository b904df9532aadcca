/*
 * pidfd.h - from a pidfd to what /proc says of the process
 *
 * SPDX-License-Identifier: MIT
 * layer 2
 */
#ifndef PIDFD_H
#define PIDFD_H

/*
 * Opens the /proc/PID of the process that pidfd stands for, under the number that it
 * has in the PID namespace of that proc: fdinfo tells it (pidfd_open(2), 5.3).  An
 * O_PATH descriptor of the caller's, or -1 with errno: ESRCH where it has ended or that
 * proc does not show it.
 */
int pidfd_open_proc(int pidfd);

#endif
