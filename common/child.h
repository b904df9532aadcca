/*
 * child.h - the command as a child: fork, gate, signals, PID 1, terminal, wait status
 *
 * SPDX-License-Identifier: MIT
 * layer 1
 *
 * Order.  The parent blocks every signal before the fork, so that none is lost
 * between a child that has no handlers yet and a parent that does not forward yet.
 * The child asks to die with its parent, then waits at the gate until the parent
 * has finished its part.  A child that fails says so through the report pipe; an
 * exec closes that pipe, so that the parent knows which of the two happened.
 */
#ifndef CHILD_H
#define CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* What the caller gave us, to be handed on to the command as it was. */
struct child_signals {
	sigset_t mask;
	struct sigaction sigchld;
};

struct child {
	bool is_init;			/* it will be PID 1 of a new PID namespace */
	int kill_signal;		/* what it gets when the parent dies; 0: nothing */
	struct child_signals signals;
	pid_t pid;
	int gate;			/* parent: write end, child: read end */
	int report;			/* parent: read end, child: write end */
	int proc;			/* parent: /proc/PID of a PID 1, or -1 */
	int terminal;			/* parent: the terminal that its group owned, or -1 */
	int ended_by;			/* the signal for which a PID 1 was killed */
};

/* Blocks every signal and makes SIGCHLD arrive, whatever the caller did to it. */
void child_hold_signals(struct child_signals *held);
void child_restore_signals(const struct child_signals *held);

/*
 * Forks.  c->is_init and c->kill_signal are the caller's, the rest is filled in.
 * Returns the PID in the parent, 0 in the child, -1 with errno.  In the child
 * every signal stays blocked until child_before_exec().  A dry run forks nothing
 * and returns 0.
 */
pid_t child_fork(struct child *c);

/* Parent: the child may go on. */
int child_open_gate(struct child *c);

/* Child: waits for the gate; does not return when the parent died before. */
void child_pass_gate(struct child *c);

/*
 * Child, the last thing before exec, after every change of credentials (they clear
 * it, prctl(2) PR_SET_PDEATHSIG): arranges what happens when the parent dies, and
 * gives the command the caller's signal mask and dispositions.
 */
void child_before_exec(struct child *c);

/* Child: ends with status, and tells the parent that nothing was executed. */
__attribute__((noreturn)) void child_give_up(struct child *c, int status);

/* Parent: waits for the exec.  Returns 0, or the status that the child gave up with. */
int child_await_exec(struct child *c);

/* Parent: ends a child that has not executed anything: the gate stays shut. */
void child_abandon(struct child *c);

/*
 * Parent: waits until the child ends; returns its wait status (wait(2)).  Signals
 * are forwarded, but those which the terminal sent to the child as well; a PID 1
 * from which the kernel would keep the signal (pid_namespaces(7)) is ended by it;
 * when the child stops, so do we.
 */
int child_wait(struct child *c);

/*
 * Ends this process as the child ended: with its exit status, or of its signal,
 * without a core of our own; with EXIT_SIGNAL + n where that cannot be.
 */
__attribute__((noreturn)) void child_end_like(int wait_status);

#endif
