/*
 * child.h - the command as a child: fork, gate, signals, PID 1, terminal, wait status
 *
 * SPDX-License-Identifier: MIT
 * layer 3
 *
 * Order.  The parent blocks every signal before the fork, so that none is lost before
 * it forwards them.  The child has the caller's mask from the fork on: whatever path it
 * looks up, it can be ended, as the file system of a target may never answer.  It asks to die with its parent, then waits at the gate until the parent
 * has finished its part.  A child that fails says so through the report pipe; an
 * exec closes that pipe, so that the parent knows which of the two happened.
 */
#ifndef CHILD_H
#define CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "message.h"

struct child {
	/* The caller's wishes. */
	bool other_pid_namespace; /* its group cannot give the terminal back to ours */
	bool is_init;             /* it will be PID 1 there */
	bool handshake;           /* it reports CHILD_SETTLED, and passes the gate twice */
	int kill_signal;          /* what it gets when the parent dies; 0: nothing */
	sigset_t mask;            /* the signal mask that it gets, and the command */
	int self; /* for a handshake: /proc/PID of the parent, which owns it; or -1 */

	pid_t pid;
	int gate;        /* parent: write end, child: read end */
	int report;      /* parent: read end, child: write end */
	int news;        /* parent: signalfd(2) of every signal */
	int proc;        /* parent: /proc/PID of a PID 1, or -1 */
	pid_t inner_pid; /* parent: in its own PID namespace, once it has settled */
	int terminal;    /* parent: the terminal that its group owned, or -1 */
	int lifeline;    /* parent: while it is open, the watcher leaves the child alone */
	pid_t watcher;   /* parent: it sends kill_signal; 0: none */
	sigset_t early;  /* parent: what came when there was perhaps no child yet */
	int reports;     /* parent: how often the child said that nothing failed yet */
	int ended_by;    /* the signal for which a PID 1 was killed */
	bool has_ended;  /* parent: it was waited for */
	int status;      /* parent: the wait status, then */
};

enum child_event {
	CHILD_SETTLED,  /* set up; it waits at the gate for the second time */
	CHILD_EXECUTED, /* the command runs */
	CHILD_FAILED,   /* it will not; the child has said why, and ends */
	CHILD_ENDED,
};

/*
 * Blocks every signal; *mask gets what was blocked before.  SIGCHLD gets its default
 * action for good, as in unshare(1): ignored, it would take the wait status away.
 * Returns whether it was ignored.
 */
bool child_hold_signals(sigset_t *mask);

/*
 * Waits for the end of this child of ours.  Returns its wait status, or that of a process
 * that failed where there is no such child.
 */
int child_reap(pid_t pid);

/*
 * PDEATHSIG is forgotten when the command executes a set-user-ID program (prctl(2)),
 * so that, for kill_signal, another process watches: the lifeline closes when we are
 * gone.  Start it before a PID namespace is made, in which it must not be.  Without
 * pidfds (before 5.3) there is PDEATHSIG alone.  Returns 0, or -1 with errno.
 */
int child_start_watcher(struct child *c);
void child_end_watcher(struct child *c);

/*
 * Forks, with every signal blocked.  Returns the PID in the parent, 0 in the child,
 * which has c->mask, -1 with errno.  A dry run forks nothing and returns 0.
 */
pid_t child_fork(struct child *c);

/* Parent: the child may go on to the next gate, or to exec. */
void child_open_gate(struct child *c);

/* Child: waits for the gate; does not return when the parent died before. */
void child_pass_gate(const struct child *c);

/* Child: tells the parent that nothing has failed: all is set up, or exec is next. */
void child_report_settled(const struct child *c);

/*
 * Child, the last thing before exec, after every change of credentials (they clear
 * it, prctl(2) PR_SET_PDEATHSIG): arranges what happens when the parent dies.
 */
void child_before_exec(const struct child *c);

/*
 * Not dumpable: who is less privileged, or inside, cannot trace this process or come at
 * its descriptors (ptrace(2)).  A change of IDs undoes it where fs.suid_dumpable says so.
 * Returns 0, or -1 with *f.
 */
int child_guard(struct failure *f);

/* Child: ends with f's status, and tells the parent that nothing was executed. */
__attribute__((noreturn)) void child_give_up(const struct child *c, const struct failure *f);

/*
 * For a process that stays beside the command: lets go of every descriptor but
 * these, so that it holds no pipe or terminal open; 0, 1, 2 become /dev/null.
 */
void child_close_files(const int *keep, size_t count);

/*
 * Lets go of every directory that was inherited open, as each leads to its own root:
 * of 0, 1 and 2 /dev/null takes the place.  Returns how many there were, or -1 with
 * errno: without a proc there is no telling.
 */
int child_close_directories(void);

/*
 * /dev/null, for the two functions below: to be opened before the root is changed, as
 * the new one may have none.  A descriptor of the caller's, or -1 with errno.
 */
int child_open_null(void);

/* Child: the command finds null on fd, one of 0, 1, 2.  Returns 0, or -1 with errno. */
int child_give_null(int null, int fd);

/*
 * Child: leaves the caller's terminal and session for good: a new session,
 * null on 0, and on 1 and 2 log, an open descriptor, or null where that is -1.
 * Returns 0, or -1 with errno.
 */
int child_detach(int null, int log);

/* Parent: ends a child that has not executed anything: the gate stays shut. */
void child_abandon(struct child *c);

/*
 * Parent: waits for what happens next to the child; fills in *f with CHILD_FAILED,
 * c->status with CHILD_ENDED.  Meanwhile, before the exec too, signals are forwarded,
 * but those which the terminal sent to the child as well; a PID 1 from which the kernel would keep
 * the signal (pid_namespaces(7)) is ended by it; when the child stops, so do we.
 */
enum child_event child_next(struct child *c, struct failure *f);

/*
 * Ends this process as the child ended: with its exit status, or of its signal,
 * without a core of our own; with EXIT_SIGNAL + n where that cannot be.
 */
__attribute__((noreturn)) void child_end_like(int wait_status);

#endif
