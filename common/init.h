/*
 * init.h - a small PID 1 for a new PID namespace, beside the command
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 *
 * Both are children of the tool: PID 1 reaps the orphans, the command, PID 2, has
 * signals, terminal and status like any child.  When the command ends, so does
 * PID 1, and the kernel ends the rest (pid_namespaces(7)).
 */
#ifndef INIT_H
#define INIT_H

#include <stdbool.h>
#include <sys/types.h>

struct init {
	pid_t pid;
	int start; /* a byte says that PID 2 exists; open as long as the tool lives */
};

/*
 * Forks PID 1; call it after unshare(2) of a PID namespace, before the command is
 * forked.  It dies with the tool, unless it outlives it, to end with the command.
 * guarded: nobody inside may come at it (proc(5), "dumpable").  On return it has
 * nothing of the caller's open.  Returns 0, or -1 with errno.
 */
int init_start(struct init *init, bool outlives, bool guarded);

/* The command was forked. */
void init_command_exists(struct init *init);

/* Ends PID 1, and with it what the command left behind, and reaps it. */
void init_end(struct init *init);

#endif
