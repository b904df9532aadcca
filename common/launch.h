/*
 * launch.h - run the command: in the tool's place or as its child, watched or detached
 *
 * SPDX-License-Identifier: MIT
 * layer 8
 *
 * What the tools that run a command have in common once they are in the right
 * namespaces.  As this is where processes end, it prints their failures itself.
 *
 * Order, as a child: PID 1 or a keeper if one is asked for; the fork; the parent's own part
 * (prepare); the gate; in the child the rest of the set-up (settle) and the search
 * for the command; the keeper's name (publish), the ready line and the PID file; the
 * wait; exec; commit.
 *
 * Signals are blocked from launch_begin() on, but not in the process that settles: what
 * meets the files of a target, which may keep it waiting for ever, belongs there.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <signal.h>
#include <stdbool.h>

#include "child.h"
#include "command.h"
#include "message.h"
#include "opts.h"

/* What the user asked for: launch_options are the rows of its OPT_TABLE. */
struct launch_request {
	bool fork, no_fork;
	int kill_child;
	bool new_session, detach;
	const char *log, *pid_file;
	struct opt_fd ready_fd, wait_fd;
};

extern const struct opt launch_options[];

/* Makes the descriptors close-on-exec, as they are for us alone.  Returns 0, or -1 with *f. */
int launch_check(const struct launch_request *request, struct failure *f);

/* For a failure before there is a launch: prints it, tells the ready descriptor, returns its status. */
int launch_refuse(const struct launch_request *request, const struct failure *f);

struct launch {
	char *const *argv;         /* the command; argv[0] NULL: the shell */
	const char *const *shells; /* those to try then, up to NULL; the last is /bin/sh */
	const char *root;          /* the root it will have, for a dry run, or NULL */
	bool forks;
	bool new_pid_namespace;   /* its first child is PID 1 */
	bool other_pid_namespace; /* the command is in another one than we, new or not */
	bool init;                /* which is to be ours, and the command PID 2 */
	bool keeps;               /* a keeper stays; no argv[0]: and nothing is executed */
	bool may_trace;           /* who may enter by a keeper that is guarded */
	bool guarded;             /* nobody inside may come at the tool or PID 1 (ptrace(2)) */
	bool passes_sigchld;      /* in place, one that is ignored stays so, as with nsenter(1) */
	const struct launch_request *request;

	sigset_t mask; /* by launch_begin(): what the command gets */
	bool ignored_sigchld;
	int log_fd, null_fd;
	int pid_dir; /* that of pid_file, as our own root may be another by then */
	bool wrote_pid_file;
	struct child child;

	/* The tool's part; each gets `context`; but for settle and advise they may be NULL. */
	void *context;
	int (*prepare)(void *context, struct failure *f); /* in the parent, before the gate */
	/* Of a keeper: in the parent, once all is set up. */
	int (*publish)(void *context, pid_t keeper, struct failure *f);
	void (*leave)(void *context);                    /* in the child: what is the parent's */
	int (*settle)(void *context, struct failure *f); /* in the process that executes */
	/* Looks at the command that was found. */
	int (*inspect)(void *context, const struct command *command, struct failure *f);
	void (*advise)(void *context, struct failure *f); /* adds a hint to a failed exec */
	void (*commit)(void *context);                    /* executed: what was made stays */
	void (*abandon)(void *context);                   /* not executed */
};

/*
 * Before any namespace is left or joined: blocks signals, and starts what must stay
 * in the old ones.  Returns 0, or -1 with *f.
 */
int launch_begin(struct launch *launch, struct failure *f);

/* In place of launch_command(): abandons, prints the failure, returns its status. */
int launch_cancel(struct launch *launch, const struct failure *f);

/* Returns the tool's exit status, or does not return. */
int launch_command(struct launch *launch);

#endif
