/*
 * child.c - the command as a child: fork, gate, signals, PID 1, terminal, wait status
 *
 * SPDX-License-Identifier: MIT
 */
#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "exitcode.h"
#include "kernel.h"
#include "num.h"
#include "pidfd.h"
#include "trace.h"

/* Where close_range(2) is missing (before 5.9), descriptors above are not looked for. */
enum { CLOSE_MAX = 1024 };

bool child_hold_signals(sigset_t *mask)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, mask);
	return signal(SIGCHLD, SIG_DFL) == SIG_IGN;
}

int child_reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return W_EXITCODE(EXIT_OWN, 0);
	return status;
}

/* A terminal among the standard streams whose foreground group is ours, or -1. */
static int owned_terminal(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (tcgetpgrp(fd) == getpgrp())
			return fd;
	return -1;
}

/* The child's /proc/PID, opened before it may cover /proc; before 5.3 we do without. */
static int open_proc(pid_t pid)
{
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, pid, 0);

	return pidfd < 0 ? -1 : pidfd_open_proc(pidfd);
}

int child_open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

void child_close_files(const int *keep, size_t count)
{
	autofd null = child_open_null();
	unsigned from = STDERR_FILENO + 1;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup3(null, fd, O_CLOEXEC) < 0)
			close(fd);
	close_fd(&null);
	for (;;) {
		unsigned next = UINT_MAX;

		for (size_t i = 0; i < count; i++)
			if (keep[i] >= 0 && (unsigned)keep[i] >= from && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		if (next > from && syscall(KERNEL_SYS_close_range, from, next - 1, 0) != 0)
			for (unsigned fd = from; fd < next && fd < CLOSE_MAX; fd++)
				close((int)fd);
		if (next == UINT_MAX)
			return;
		from = next + 1;
	}
}

int child_give_null(int null, int fd)
{
	return fd > STDERR_FILENO || dup2(null, fd) < 0 ? -1 : 0;
}

/* What is ours is close-on-exec, and what was inherited by an exec is not. */
static bool is_inherited_directory(int fd)
{
	int flags = fcntl(fd, F_GETFD);
	struct stat st;

	return flags >= 0 && (flags & FD_CLOEXEC) == 0 && fstat(fd, &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

static int close_directory(int fd, int null)
{
	if (!is_inherited_directory(fd))
		return 0;
	if (child_give_null(null, fd) != 0)
		close(fd);
	return 1;
}

int child_close_directories(void)
{
	DIR *open_files = opendir("/proc/self/fd");
	autofd null = child_open_null();
	const struct dirent *entry;
	struct statfs fs;
	uint64_t number;
	int count = 0;

	if (open_files == NULL)
		return -1;
	errno = ENOTSUP;
	if (fstatfs(dirfd(open_files), &fs) == 0 && fs.f_type == KERNEL_PROC_MAGIC)
		errno = 0;
	while (errno == 0 && (entry = readdir(open_files)) != NULL) {
		if (num_parse(entry->d_name, INT_MAX, &number))
			count += close_directory((int)number, null);
		errno = 0;
	}
	if (errno != 0)
		count = -1;
	closedir(open_files);
	return count;
}

int child_detach(int null, int log)
{
	trace_keep_output();
	if (setsid() < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(log >= 0 ? log : null, STDOUT_FILENO) < 0)
		return -1;
	return dup2(STDOUT_FILENO, STDERR_FILENO) < 0 ? -1 : 0;
}

/* Learns the child's PID from the lifeline, and sends the signal when its end closes. */
__attribute__((noreturn)) static void watch(int lifeline, int kill_signal)
{
	struct pollfd p[2] = { { .fd = lifeline, .events = POLLIN }, { .events = POLLIN } };
	pid_t pid;

	prctl(PR_SET_NAME, "ns-watch");
	setsid(); /* what ends our group at once must not end it */
	child_close_files(&lifeline, 1);
	if (read(lifeline, &pid, sizeof(pid)) != sizeof(pid))
		_exit(0);
	p[1].fd = (int)syscall(KERNEL_SYS_pidfd_open, pid, 0);
	while (p[1].fd >= 0 && poll(p, 2, -1) < 0)
		;
	if (p[1].fd >= 0 && p[1].revents == 0)
		syscall(KERNEL_SYS_pidfd_send_signal, p[1].fd, kill_signal, NULL, 0);
	_exit(0);
}

int child_start_watcher(struct child *c)
{
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, getpid(), 0);
	int lifeline[2] = { -1, -1 };

	if (trace_is_dry_run() || pidfd < 0)
		return 0;
	if (pipe2(lifeline, O_CLOEXEC) != 0)
		return -1;
	c->watcher = fork();
	if (c->watcher == 0) {
		close(lifeline[1]);
		watch(lifeline[0], c->is_init ? SIGKILL : c->kill_signal);
	}
	close_fd(&lifeline[0]);
	c->lifeline = take_fd(&lifeline[1]);
	return c->watcher > 0 ? 0 : -1;
}

void child_end_watcher(struct child *c)
{
	close_fd(&c->lifeline);
	if (c->watcher > 0)
		child_reap(c->watcher);
	c->watcher = 0;
}

static void after_fork_in_parent(struct child *c, int gate[2], int report[2])
{
	c->gate = take_fd(&gate[1]);
	c->report = take_fd(&report[0]);
	/* Twice, it does no more than once to a child that waits at the gate. */
	sigpending(&c->early);
	if (c->other_pid_namespace)
		c->terminal = owned_terminal();
	if (c->is_init)
		c->proc = open_proc(c->pid);
	if (c->watcher > 0 && write(c->lifeline, &c->pid, sizeof(c->pid)) < 0)
		child_end_watcher(c);
}

static void after_fork_in_child(struct child *c, int gate[2], int report[2])
{
	/* SIGKILL: a PID 1 would not get any other signal that it does not catch. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_fd(&c->lifeline);
	close_fd(&c->news);
	c->gate = take_fd(&gate[0]);
	c->report = take_fd(&report[1]);
	sigprocmask(SIG_SETMASK, &c->mask, NULL);
}

pid_t child_fork(struct child *c)
{
	int gate[2] = { -1, -1 }, report[2] = { -1, -1 };
	sigset_t all;
	int saved;

	c->gate = c->report = c->news = c->proc = c->terminal = -1;
	if (!trace_call("fork()"))
		return 0;
	sigfillset(&all);
	c->news = signalfd(-1, &all, SFD_CLOEXEC);
	if (c->news < 0 || pipe2(gate, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0)
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

void child_open_gate(struct child *c)
{
	ssize_t n;

	do
		n = write(c->gate, "", 1);
	while (n < 0 && errno == EINTR);
	/* EPIPE: it is dead, which is seen when it is waited for.  Else it must not wait for ever. */
	if (n < 0)
		close_fd(&c->gate);
}

/* The parent holds the only read end of the report pipe: without it, POLLERR. */
static bool parent_is_gone(const struct child *c)
{
	struct pollfd p = { .fd = c->report, .events = 0 };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR) != 0;
}

void child_pass_gate(const struct child *c)
{
	char byte;

	if (!trace_is_dry_run() && (read(c->gate, &byte, 1) != 1 || parent_is_gone(c)))
		_exit(EXIT_OWN);
}

/* What goes through the report pipe, in one piece (pipe(7), PIPE_BUF). */
struct report {
	pid_t inner_pid;
	struct failure failure; /* a status of 0 tells of no failure */
};

static void report(const struct child *c, const struct failure *f)
{
	const struct report r = { getpid(), *f };

	while (write(c->report, &r, sizeof(r)) < 0 && errno == EINTR)
		;
}

void child_report_settled(const struct child *c)
{
	const struct failure none = { 0 };

	if (!trace_is_dry_run())
		report(c, &none);
}

/*
 * What the kernel sends the command when the parent dies.  0 takes back what
 * after_fork_in_child() asked for.  The watcher sends the signal too: where it
 * could be counted, it alone.
 */
static int death_signal(const struct child *c)
{
	if (c->kill_signal != 0 && c->is_init)
		return SIGKILL;
	return c->watcher > 0 && c->kill_signal != SIGKILL ? 0 : c->kill_signal;
}

void child_before_exec(const struct child *c)
{
	if (trace_is_dry_run())
		return;
	child_report_settled(c);
	prctl(PR_SET_PDEATHSIG, death_signal(c));
	if (c->kill_signal != 0 && parent_is_gone(c))
		_exit(EXIT_OWN);
}

int child_guard(struct failure *f)
{
	if (!trace_call("prctl(PR_SET_DUMPABLE, 0)") ||
	    trace_result(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) == 0)
		return 0;
	return failure_errno(f, "protect this process", NULL);
}

void child_give_up(const struct child *c, const struct failure *f)
{
	report(c, f);
	_exit(f->status);
}

void child_abandon(struct child *c)
{
	close_fd(&c->gate);
	child_reap(c->pid);
	child_end_watcher(c);
}

/* A line's signal set, as in "SigCgt:\t0000000000010000" (proc(5)). */
static bool set_contains(const char *set, int signal)
{
	return (num_read_set(set) >> (signal - 1) & 1) != 0;
}

/* Of a child that has executed nothing: it is as we were when we were started. */
static bool is_minded_by_caller(const struct child *c, int signal)
{
	struct sigaction own;

	return sigismember(&c->mask, signal) != 0 || sigaction(signal, NULL, &own) != 0 ||
	       own.sa_handler != SIG_DFL;
}

/* Does the command catch, block or ignore it?  Where that cannot be read: yes. */
static bool minds(const struct child *c, int signal)
{
	static const char *const sets[] = { "SigBlk:\t", "SigIgn:\t", "SigCgt:\t" };
	autofd fd = openat(c->proc, "status", O_RDONLY | O_CLOEXEC);
	autofile *file = fd >= 0 ? fdopen(fd, "re") : NULL;
	autofree char *line = NULL;
	size_t size = 0, found = 0;

	if (file == NULL)
		return true;
	take_fd(&fd);
	while (getline(&line, &size, file) > 0)
		for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
			if (strncmp(line, sets[i], strlen(sets[i])) != 0)
				continue;
			found++;
			if (set_contains(line + strlen(sets[i]), signal))
				return true;
		}
	return found < sizeof(sets) / sizeof(sets[0]);
}

/* In sigtimedwait() a process awaits signals that show in neither SigCgt nor SigBlk. */
static bool awaits_signals(const struct child *c)
{
	autofd fd = openat(c->proc, "syscall", O_RDONLY | O_CLOEXEC);
	char text[32] = "", number[16];

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return true;
	snprintf(number, sizeof(number), "%ld ", (long)SYS_rt_sigtimedwait);
	return strncmp(text, number, strlen(number)) == 0;
}

/* Would the kernel keep this signal from our PID 1 (pid_namespaces(7))?  Doubt is "no". */
static bool would_be_dropped(const struct child *c, int signal)
{
	if (!c->is_init)
		return false;
	if (c->report >= 0)
		return !is_minded_by_caller(c, signal);
	return c->proc >= 0 && !minds(c, signal) && !awaits_signals(c);
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
static bool child_has_it(struct child *c, const struct signalfd_siginfo *info)
{
	int s = (int)info->ssi_signo;

	if (sigismember(&c->early, s) == 1) {
		sigdelset(&c->early, s);
		return false;
	}
	/* When it hangs up, it tells the leader of its session alone. */
	if (s == SIGHUP && getsid(0) == getpid())
		return false;
	return info->ssi_code == SI_KERNEL &&
	       (s == SIGINT || s == SIGQUIT || s == SIGHUP || s == SIGWINCH ||
		stops_by_default(s)) &&
	       getpgid(c->pid) == getpgrp();
}

static void forward(struct child *c, const struct signalfd_siginfo *info)
{
	int signal = (int)info->ssi_signo;

	if (signal == SIGPIPE && info->ssi_pid == (uint32_t)getpid())
		return; /* a write of ours, which has failed */
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
	struct sigaction by_default = { .sa_handler = SIG_DFL }, before;
	sigset_t only;

	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	sigaction(SIGTSTP, &by_default, &before);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	sigprocmask(SIG_BLOCK, &only, NULL);
	sigaction(SIGTSTP, &before, NULL);
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

static bool is_pending(int signal)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

/* Takes what happened to the child, and stops and goes on with it; true: it ended. */
static bool collect(struct child *c)
{
	if (waitpid(c->pid, &c->status, WNOHANG) > 0)
		return true;
	while (is_stopped(c) && stop_too()) {
		/*
		 * A child that was continued and stopped again has told of it; and a stop
		 * of the whole group may reach it a little before us.
		 */
		if (!is_stopped(c) || is_pending(SIGCHLD) || is_pending(SIGTSTP))
			break;
		kill(c->pid, SIGCONT); /* the one that we got was for us alone */
		if (is_pending(SIGTSTP))
			kill(c->pid, c->is_init ? SIGSTOP : SIGTSTP); /* undone just now */
	}
	return false;
}

/*
 * A PID namespace's shell cannot give the terminal back: our group is not in its
 * namespace.  Not to be taken from a group that lives, as when we ran in background.
 */
static void take_terminal_back(const struct child *c)
{
	pid_t owner = c->terminal >= 0 ? tcgetpgrp(c->terminal) : -1;

	if (owner > 0 && owner != getpgrp() && kill(-owner, 0) != 0 && errno == ESRCH)
		tcsetpgrp(c->terminal, getpgrp());
}

/*
 * What the report pipe says; false: nothing that the caller wants to know.  The end
 * of file is the exec only where the child said that it is about to: else its death.
 */
static bool read_report(struct child *c, struct failure *f, enum child_event *event)
{
	struct report r;

	if (read(c->report, &r, sizeof(r)) == sizeof(r)) {
		*f = r.failure;
		c->inner_pid = r.inner_pid;
		c->reports += f->status == 0;
		*event = f->status != 0 ? CHILD_FAILED : CHILD_SETTLED;
		return f->status != 0 || (c->handshake && c->reports == 1);
	}
	close_fd(&c->report);
	*event = CHILD_EXECUTED;
	return c->reports == 1 + c->handshake;
}

/* One signal that came to us; true: the child ended. */
static bool read_signal(struct child *c)
{
	struct signalfd_siginfo info;

	if (read(c->news, &info, sizeof(info)) != sizeof(info))
		return false;
	if (info.ssi_signo == SIGCHLD)
		return collect(c);
	forward(c, &info);
	return false;
}

static void end(struct child *c)
{
	close_fd(&c->proc);
	close_fd(&c->self);
	child_end_watcher(c);
	take_terminal_back(c);
	if (c->ended_by != 0 && WIFSIGNALED(c->status) && WTERMSIG(c->status) == SIGKILL)
		c->status = c->ended_by;
}

enum child_event child_next(struct child *c, struct failure *f)
{
	for (;;) {
		struct pollfd p[] = {
			{ .fd = c->report, .events = POLLIN },
			{ .fd = c->has_ended ? -1 : c->news, .events = POLLIN },
		};
		enum child_event event;
		/* What it reported before it ended tells more than its end. */
		int ready = poll(p, 2, c->has_ended ? 0 : -1);

		if (ready == 0) {
			end(c);
			return CHILD_ENDED;
		}
		if (ready < 0)
			continue;
		if (p[0].revents != 0 && read_report(c, f, &event))
			return event;
		if (p[0].revents == 0 && p[1].revents != 0)
			c->has_ended = read_signal(c);
	}
}

void child_end_like(int wait_status)
{
	struct rlimit no_core = { 0, 0 };
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t only;
	int signal;

	if (WIFEXITED(wait_status))
		_exit(WEXITSTATUS(wait_status));
	signal = WTERMSIG(wait_status);
	setrlimit(RLIMIT_CORE, &no_core); /* the core is the command's */
	prctl(PR_SET_DUMPABLE, 0);        /* the limit is void where core_pattern is a pipe */
	sigaction(signal, &by_default, NULL);
	raise(signal);
	sigemptyset(&only);
	sigaddset(&only, signal);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	_exit(EXIT_SIGNAL + signal);
}
