/*
 * init.c - a small process beside the command: PID 1 of a PID namespace, or its keeper
 *
 * SPDX-License-Identifier: MIT
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caps.h"
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

/* Until the command, PID 2, ends: as PID 1. */
static void attend(struct init *init)
{
	enum { NEWS, COMMAND, TOOL, SOURCES };
	struct pollfd p[SOURCES] = {
		[NEWS] = { .events = POLLIN },
		[COMMAND] = { .events = POLLIN },
		[TOOL] = { .fd = init->outlives ? -1 : init->start },
	};
	sigset_t all;

	sigfillset(&all);
	p[NEWS].fd = signalfd(-1, &all, SFD_CLOEXEC);
	p[COMMAND].fd = (int)syscall(KERNEL_SYS_pidfd_open, COMMAND_PID, 0);
	if (p[COMMAND].fd < 0 && errno != ENOSYS)
		return;
	while (p[COMMAND].revents == 0 && p[TOOL].revents == 0)
		if (poll(p, SOURCES, -1) > 0 && p[NEWS].revents != 0)
			handle_signal(p[NEWS].fd, p[COMMAND].fd);
}

/* The kernel reaps the children of who ignores SIGCHLD (wait(2)); every signal is blocked. */
static void keep(struct init *init)
{
	sigset_t end;

	close_fd(&init->start);
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	while (sigwaitinfo(&end, NULL) != SIGTERM)
		;
}

/* It stands in one piece, as execve(2) left it; whole pages of it are not even kept. */
static void wipe_environment(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	for (char **variable = environ; *variable != NULL;) {
		char *start = *variable, *end = start;
		uintptr_t first, last;

		for (; *variable == end; variable++)
			end += strlen(end) + 1;
		memset(start, '\0', (size_t)(end - start));
		first = ((uintptr_t)start + page - 1) / page * page;
		last = (uintptr_t)end / page * page;
		if (first < last)
			madvise((void *)first, last - first, MADV_DONTNEED);
	}
}

/*
 * Nothing that a command without capabilities could come by: neither what the keeper has
 * now nor, as a tracer, what it could have by an exec (prctl(2), PR_SET_NO_NEW_PRIVS).
 */
static int give_up_all(void)
{
	wipe_environment();
	signal(SIGCHLD, SIG_IGN);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? caps_drop_all() : -1;
}

static int settle(const struct init *init)
{
	if (chdir("/") != 0)
		return -1;
	if (init->keeps && give_up_all() != 0)
		return -1;
	return init->guarded ? prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) : 0;
}

/* `start` closes when the tool dies: PDEATHSIG alone misses a death before it was asked for. */
__attribute__((noreturn)) static void be_init(struct init *init, int settled)
{
	const int kept[] = { init->start, settled };
	char byte;

	prctl(PR_SET_NAME, init->keeps ? "ns-keeper" : "ns-init");
	setsid(); /* what is sent to the tool's group, the command gets by itself */
	child_close_files(kept, 2);
	if (settle(init) != 0 || write(settled, "", 1) != 1)
		_exit(errno);
	close(settled);
	if (read(init->start, &byte, 1) != 1)
		_exit(0);
	if (init->keeps)
		keep(init);
	else
		attend(init);
	_exit(0);
}

/* The command is to find nothing of the caller's in it; why it died, if it did. */
static int await_settled(struct init *init, int settled)
{
	int status;
	char byte;
	ssize_t n;

	do
		n = read(settled, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	status = child_reap(init->pid);
	init->pid = 0;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
	return -1;
}

int init_start(struct init *init)
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
		if (!init->outlives && !init->keeps)
			prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[1]);
		init->start = ends[0];
		be_init(init, settled[1]);
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

void init_begin(struct init *init)
{
	while (init->start >= 0 && write(init->start, "", 1) < 0 && errno == EINTR)
		;
}

void init_commit(struct init *init)
{
	if (!init->keeps)
		return;
	close_fd(&init->start);
	init->pid = 0;
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
