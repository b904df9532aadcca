/*
 * init.h - a small process beside the command: PID 1 of a PID namespace, or its keeper
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 *
 * Both are children of the tool: PID 1 reaps the orphans, the command, PID 2, has
 * signals, terminal and status like any child.  When the command ends, so does
 * PID 1, and the kernel ends the rest (pid_namespaces(7)).
 *
 * A keeper stays when both are gone: as a member it keeps all the namespaces that the
 * tool has made, and is PID 1 if one of these is a PID namespace.  SIGTERM and SIGKILL
 * end it.  An ordinary user could not enter by it if nobody inside might come at it: it
 * has no descriptors but /dev/null, no capabilities, and no environment.
 */
#ifndef INIT_H
#define INIT_H

#include <stdbool.h>
#include <sys/types.h>

struct init {
	/* The caller's wishes. */
	bool keeps;    /* it is a keeper */
	bool outlives; /* else: it does not die with the tool, but ends with the command */
	bool guarded;  /* else: nobody inside may come at it (proc(5), "dumpable") */

	pid_t pid;
	int start; /* a byte lets it begin; open as long as the tool lives */
};

/*
 * Forks it; call it after unshare(2), before the command is forked, and while all signals
 * are blocked.  On return it has nothing of the caller's open.  Until init_begin() it ends
 * with the tool.  Returns 0, or -1 with errno.
 */
int init_start(struct init *init);

/* The command was forked; or, for a keeper, all is set up and has its name. */
void init_begin(struct init *init);

/* The command runs: from now on init_end() leaves a keeper alone. */
void init_commit(struct init *init);

/* Ends it, and as PID 1 with it what the command left behind, and reaps it. */
void init_end(struct init *init);

#endif
