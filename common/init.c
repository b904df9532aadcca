/*
 * init.c - a small PID 1 for a new PID namespace, beside the command
 *
 * SPDX-License-Identifier: MIT
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "kernel.h"
#include "trace.h"

/* The second process made in a PID namespace that nobody else is in. */
enum { COMMAND_PID = 2 };

/* Orphans are ours to reap; what is sent to PID 1 is meant for the command. */
static void handle_signal(int news, int command)
{
	struct signalfd_siginfo info;

	if (read(news, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGCHLD)
		syscall(KERNEL_SYS_pidfd_send_signal, command, (int)info.ssi_signo, NULL, 0);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

/* `start` closes when the tool dies: PDEATHSIG alone misses a death before it was asked for. */
__attribute__((noreturn)) static void be_init(int start, int settled, bool outlives, bool guarded)
{
	enum { NEWS, COMMAND, TOOL, SOURCES };
	struct pollfd p[SOURCES] = {
		[NEWS] = { .events = POLLIN },
		[COMMAND] = { .events = POLLIN },
		[TOOL] = { .fd = outlives ? -1 : start },
	};
	const int keep[] = { start, settled };
	sigset_t all;
	char byte;

	prctl(PR_SET_NAME, "ns-init");
	setsid(); /* what is sent to the tool's group, the command gets by itself */
	child_close_files(keep, 2);
	if (chdir("/") != 0 || (guarded && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) ||
	    write(settled, "", 1) != 1)
		_exit(errno);
	close(settled);
	if (read(start, &byte, 1) != 1)
		_exit(0);
	sigfillset(&all);
	p[NEWS].fd = signalfd(-1, &all, SFD_CLOEXEC);
	p[COMMAND].fd = (int)syscall(KERNEL_SYS_pidfd_open, COMMAND_PID, 0);
	if (p[COMMAND].fd < 0 && errno != ENOSYS)
		_exit(0);
	while (p[COMMAND].revents == 0 && p[TOOL].revents == 0)
		if (poll(p, SOURCES, -1) > 0 && p[NEWS].revents != 0)
			handle_signal(p[NEWS].fd, p[COMMAND].fd);
	_exit(0);
}

/* The command is to find nothing of the caller's in it; why it died, if it did. */
static int await_settled(struct init *init, int settled)
{
	int status = 0;
	char byte;
	ssize_t n;

	do
		n = read(settled, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	while (waitpid(init->pid, &status, 0) < 0 && errno == EINTR)
		;
	init->pid = 0;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
	return -1;
}

int init_start(struct init *init, bool outlives, bool guarded)
{
	int ends[2] = { -1, -1 }, settled[2] = { -1, -1 };
	int result = -1;

	if (!trace_call("fork()"))
		return 0;
	if (pipe2(ends, O_CLOEXEC) == 0 && pipe2(settled, O_CLOEXEC) == 0)
		init->pid = fork();
	else
		init->pid = -1;
	if (init->pid == 0) {
		if (!outlives)
			prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		be_init(ends[0], settled[1], outlives, guarded);
	}
	trace_result(init->pid);
	close_fd(&settled[1]);
	if (init->pid > 0)
		result = await_settled(init, settled[0]);
	close_fd(&settled[0]);
	close_fd(&ends[0]);
	init->start = take_fd(&ends[1]);
	return result;
}

void init_command_exists(struct init *init)
{
	while (init->start >= 0 && write(init->start, "", 1) < 0 && errno == EINTR)
		;
}

void init_end(struct init *init)
{
	if (init->pid <= 0)
		return;
	close_fd(&init->start);
	kill(init->pid, SIGKILL);
	child_reap(init->pid);
	init->pid = 0;
}
