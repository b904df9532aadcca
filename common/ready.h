/*
 * ready.h - telling others that the namespaces are ready, and whose they are
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 *
 * One line of JSON each:
 *	{"pid":4711,"inner_pid":1,"ns":{"user":4026532179,...}}
 *	{"exec":true}, or {"error":"cannot find command 'x': ..."}
 */
#ifndef READY_H
#define READY_H

#include <sys/types.h>

#include "message.h"

/*
 * Writes the first line to fd, of a child of this process: in each namespace but pid
 * and time we are too, and of these we have the child's for children.  We look at
 * our own, self, a /proc/PID opened before the child covered /proc: a child with
 * other IDs cannot be looked at (ptrace(2), dumpable).
 * Returns 0, or -1 with *f.
 */
int ready_write_namespaces(int fd, int self, pid_t pid, pid_t inner_pid, struct failure *f);

/* Writes the second line: executed, or the failure. */
void ready_write_end(int fd, const struct failure *failed);

/*
 * Writes the PID and a newline into path, in its directory dir: beside it first, then
 * renamed, so that it is never seen half written.  Returns 0, or -1 with *f and no
 * file.
 */
int ready_write_pid_file(int dir, const char *path, pid_t pid, struct failure *f);

#endif
