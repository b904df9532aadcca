/*
 * child.c - the command as a child: fork, gate, signals, PID 1, terminal, wait status
 *
 * SPDX-License-Identifier: MIT
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "exitcode.h"
#include "trace.h"

void child_hold_signals(struct child_signals *held)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &held->mask);
	sigaction(SIGCHLD, &by_default, &held->sigchld);
}

void child_restore_signals(const struct child_signals *held)
{
	sigaction(SIGCHLD, &held->sigchld, NULL);
	sigprocmask(SIG_SETMASK, &held->mask, NULL);
}

/* A terminal among the standard streams whose foreground group is ours, or -1. */
static int owned_terminal(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (tcgetpgrp(fd) == getpgrp())
			return fd;
	return -1;
}

static void after_fork_in_parent(struct child *c, int gate[2], int report[2])
{
	char path[32];

	c->gate = take_fd(&gate[1]);
	c->report = take_fd(&report[0]);
	if (!c->is_init)
		return;
	/* Now: once the child has covered /proc, we no longer find it there. */
	snprintf(path, sizeof(path), "/proc/%d", (int)c->pid);
	c->proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	c->terminal = owned_terminal();
}

static void after_fork_in_child(struct child *c, int gate[2], int report[2])
{
	/* SIGKILL: a PID 1 would not get any other signal that it does not catch. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	c->gate = take_fd(&gate[0]);
	c->report = take_fd(&report[1]);
}

pid_t child_fork(struct child *c)
{
	int gate[2] = { -1, -1 }, report[2] = { -1, -1 };
	int saved;

	c->gate = c->report = c->proc = c->terminal = -1;
	if (!trace_call("fork()"))
		return 0;
	if (pipe2(gate, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0)
		c->pid = -1;
	else
		c->pid = fork();
	if (c->pid == 0)
		after_fork_in_child(c, gate, report);
	else
		trace_result(c->pid);
	if (c->pid > 0)
		after_fork_in_parent(c, gate, report);
	saved = errno;
	for (int i = 0; i < 2; i++) {
		close_fd(&gate[i]);
		close_fd(&report[i]);
	}
	errno = saved;
	return c->pid;
}

int child_open_gate(struct child *c)
{
	autofd gate = take_fd(&c->gate);

	return write(gate, "", 1) == 1 ? 0 : -1;
}

/* The parent holds the only read end of the report pipe: without it, POLLERR. */
static bool parent_is_gone(const struct child *c)
{
	struct pollfd p = { .fd = c->report, .events = 0 };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR) != 0;
}

void child_pass_gate(struct child *c)
{
	autofd gate = take_fd(&c->gate);
	char byte;

	if (!trace_is_dry_run() && (read(gate, &byte, 1) != 1 || parent_is_gone(c)))
		_exit(EXIT_OWN);
}

void child_before_exec(struct child *c)
{
	if (trace_is_dry_run())
		return;
	/* 0 takes back what after_fork_in_child() asked for: the command outlives us. */
	prctl(PR_SET_PDEATHSIG, c->kill_signal != 0 && c->is_init ? SIGKILL : c->kill_signal);
	if (c->kill_signal != 0 && parent_is_gone(c))
		_exit(EXIT_OWN);
	child_restore_signals(&c->signals);
}

void child_give_up(struct child *c, int status)
{
	while (write(c->report, &status, sizeof(status)) < 0 && errno == EINTR)
		;
	_exit(status);
}

int child_await_exec(struct child *c)
{
	autofd report = take_fd(&c->report);
	int status;

	return read(report, &status, sizeof(status)) == sizeof(status) ? status : 0;
}

void child_abandon(struct child *c)
{
	close_fd(&c->gate);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* A hexadecimal signal set of /proc/PID/status, as "SigCgt:\t0000000000010000" (proc(5)). */
static bool set_contains(const char *status, const char *name, int signal)
{
	const char *line = strstr(status, name);
	uint64_t set = 0;

	if (line == NULL)
		return false;
	for (line += strlen(name); *line == '\t' || *line == ' '; line++)
		;
	for (; *line != '\n' && *line != '\0'; line++)
		set = set << 4 | (uint64_t)(*line <= '9' ? *line - '0' : *line - 'a' + 10);
	return (set >> (signal - 1) & 1) != 0;
}

static bool read_proc(const struct child *c, const char *name, char *buf, size_t size)
{
	autofd fd = openat(c->proc, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* In sigtimedwait() a process awaits signals that show in neither SigCgt nor SigBlk. */
static bool awaits_signals(const struct child *c)
{
	char text[256], number[16];

	if (!read_proc(c, "syscall", text, sizeof(text)))
		return true;
	snprintf(number, sizeof(number), "%ld ", (long)SYS_rt_sigtimedwait);
	return strncmp(text, number, strlen(number)) == 0;
}

/* Would the kernel keep this signal from our PID 1 (pid_namespaces(7))?  Doubt is "no". */
static bool would_be_dropped(const struct child *c, int signal)
{
	char status[4096];

	return c->is_init && read_proc(c, "status", status, sizeof(status)) &&
	       !set_contains(status, "\nSigCgt:", signal) &&
	       !set_contains(status, "\nSigBlk:", signal) && !awaits_signals(c) &&
	       !set_contains(status, "\nSigIgn:", signal);
}

static bool stops_by_default(int signal)
{
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* signal(7): default action "Ign", and SIGCONT, which acts even on a PID 1. */
static bool ends_by_default(int signal)
{
	return signal != SIGCHLD && signal != SIGCONT && signal != SIGURG && signal != SIGWINCH;
}

/* Did the terminal send it to the whole foreground group, and so to the child too? */
static bool child_has_it(const struct child *c, const siginfo_t *info)
{
	int s = info->si_signo;

	return info->si_code == SI_KERNEL &&
	       (s == SIGINT || s == SIGQUIT || s == SIGHUP || s == SIGWINCH || stops_by_default(s)) &&
	       getpgid(c->pid) == getpgrp();
}

static void forward(struct child *c, const siginfo_t *info)
{
	int signal = info->si_signo;

	if (stops_by_default(signal) && would_be_dropped(c, signal)) {
		kill(c->pid, SIGSTOP);
	} else if (ends_by_default(signal) && would_be_dropped(c, signal)) {
		c->ended_by = signal;
		kill(c->pid, SIGKILL);
	} else if (!child_has_it(c, info)) {
		kill(c->pid, signal);
	}
}

/*
 * Stops us as the child stopped; in an orphaned group the kernel does not (setpgid(2)).
 * Returns true if it was SIGCONT that let us go on; where a new stop signal came
 * before we ran, that has removed the SIGCONT (signal(7)), and the child is not to
 * be continued.
 */
static bool stop_too(void)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t only;

	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	sigprocmask(SIG_BLOCK, &only, NULL);
	sigemptyset(&only);
	sigaddset(&only, SIGCONT);
	return sigtimedwait(&only, NULL, &at_once) == SIGCONT;
}

/* Asked without taking the news, so that it can be asked again (waitid(2), WNOWAIT). */
static bool is_stopped(const struct child *c)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)c->pid, &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == c->pid;
}

static bool stop_is_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGTSTP) == 1;
}

/* Takes what happened to the child, and stops and goes on with it; true: it ended. */
static bool collect(const struct child *c, int *status)
{
	if (waitpid(c->pid, status, WNOHANG) > 0)
		return true;
	while (is_stopped(c) && stop_too()) {
		/* Still stopped, and not again: the SIGCONT was for us alone. */
		if (is_stopped(c) && !stop_is_pending())
			kill(c->pid, SIGCONT);
	}
	return false;
}

/* A PID namespace's shell cannot give the terminal back: our group is not in its namespace. */
static void take_terminal_back(const struct child *c)
{
	if (c->terminal >= 0 && tcgetpgrp(c->terminal) != getpgrp())
		tcsetpgrp(c->terminal, getpgrp());
}

int child_wait(struct child *c)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t all;
	siginfo_t info;
	int status;

	sigaction(SIGTSTP, &by_default, NULL);	/* for stop_too() */
	sigfillset(&all);
	for (;;) {
		if (sigwaitinfo(&all, &info) < 0)
			continue;
		if (info.si_signo != SIGCHLD)
			forward(c, &info);
		else if (collect(c, &status))
			break;
	}
	close_fd(&c->proc);
	take_terminal_back(c);
	if (c->ended_by != 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return c->ended_by;
	return status;
}

void child_end_like(int wait_status)
{
	struct rlimit no_core = { 0, 0 };
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t only;
	int signal;

	if (WIFEXITED(wait_status))
		exit(WEXITSTATUS(wait_status));
	signal = WTERMSIG(wait_status);
	setrlimit(RLIMIT_CORE, &no_core);	/* the core is the command's */
	sigaction(signal, &by_default, NULL);
	raise(signal);
	sigemptyset(&only);
	sigaddset(&only, signal);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	_exit(EXIT_SIGNAL + signal);
}
