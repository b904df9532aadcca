/*
 * launch.c - run the command: in the tool's place or as its child, watched or detached
 *
 * SPDX-License-Identifier: MIT
 */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "exitcode.h"
#include "explain.h"
#include "file.h"
#include "init.h"
#include "ready.h"
#include "trace.h"

#define FIELD(member) .field = offsetof(struct launch_request, member)

/* clang-format off */
const struct opt launch_options[] = {
	{ .kind = OPT_GROUP, .help = "The command as a child" },
	{ .kind = OPT_FLAG, .letter = 'f', .name = "fork", FIELD(fork),
	  .help = "run the command as a child (implied by a PID namespace)" },
	{ .kind = OPT_FLAG, .letter = 'F', .name = "no-fork", .ours = true, FIELD(no_fork),
	  .excludes = "fork\0kill-child\0new-session\0detach\0ready-fd\0pid-file\0wait-fd\0",
	  .help = "become the command, even so" },
	{ .kind = OPT_SIGNAL, .name = "kill-child", .arg = "SIGNAL", .optional = true,
	  FIELD(kill_child), .implies = "fork\0",
	  .help = "send SIGNAL (KILL) to the command when the tool dies" },
	{ .kind = OPT_FLAG, .name = "new-session", .ours = true, FIELD(new_session),
	  .implies = "fork\0", .help = "run the command in a session without a terminal" },
	{ .kind = OPT_FLAG, .letter = 'd', .name = "detach", .ours = true, FIELD(detach),
	  .implies = "fork\0", .excludes = "kill-child\0",
	  .help = "print the command's PID once it runs, and leave it alone" },
	{ .kind = OPT_TEXT, .name = "log", .arg = "FILE", .ours = true, FIELD(log),
	  .requires = "detach\0", .help = "append what the detached command prints to FILE" },
	{ .kind = OPT_FD, .name = "ready-fd", .arg = "FD", .ours = true, FIELD(ready_fd),
	  .implies = "fork\0",
	  .help = "write a line of JSON there when all is set up, another at exec" },
	{ .kind = OPT_TEXT, .name = "pid-file", .arg = "FILE", .ours = true, FIELD(pid_file),
	  .implies = "fork\0", .help = "write the command's PID to FILE when all is set up" },
	{ .kind = OPT_FD, .name = "wait-fd", .arg = "FD", .ours = true, FIELD(wait_fd),
	  .implies = "fork\0",
	  .help = "then wait for a byte or the end of file there before exec" },
	{ .kind = OPT_END },
};
/* clang-format on */

static int check_fd(const char *option, const struct opt_fd *fd, struct failure *f)
{
	if (!fd->given || fcntl(fd->fd, F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	return failure_option(f, option, "descriptor %d is not open", fd->fd);
}

int launch_check(const struct launch_request *request, struct failure *f)
{
	return check_fd("--ready-fd", &request->ready_fd, f) == 0 &&
			       check_fd("--wait-fd", &request->wait_fd, f) == 0
		       ? 0
		       : -1;
}

int launch_refuse(const struct launch_request *request, const struct failure *f)
{
	if (request->ready_fd.given)
		ready_write_end(request->ready_fd.fd, f);
	return message_failure(f);
}

/* For a dry run: could this file be written, or made? */
static int check_writable(const char *path, const char *verb, struct failure *f)
{
	if (path == NULL || access(path, W_OK) == 0 || file_can_create(path))
		return 0;
	return failure_errno(f, verb, path);
}

static int check_files(const struct launch *l, struct failure *f)
{
	if (!trace_is_dry_run())
		return 0;
	if (check_writable(l->request->pid_file, "write the PID to", f) != 0)
		return -1;
	return check_writable(l->request->log, "write to", f);
}

static int prepare(const struct launch *l, struct failure *f)
{
	return l->prepare != NULL ? l->prepare(l->context, f) : 0;
}

static void commit(const struct launch *l)
{
	if (l->commit != NULL)
		l->commit(l->context);
}

static void abandon(const struct launch *l)
{
	if (l->abandon != NULL)
		l->abandon(l->context);
}

/* A set can be pinned without running anything in it. */
static bool has_command(const struct launch *l)
{
	return !l->keeps || l->argv[0] != NULL;
}

/* Everything between the gate and the exec, in the process that becomes the command. */
static int settle(const struct launch *l, struct command *command, struct failure *f)
{
	autofd root = -1;
	int found;

	if (l->settle(l->context, f) != 0 || check_files(l, f) != 0)
		return -1;
	if (!has_command(l))
		return 0;
	if (l->root != NULL && trace_is_dry_run())
		root = open(l->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	found = command_find(command, l->argv, l->shells, root, f);
	if (command->passed_over != NULL)
		message_warning("cannot run the shell '%s'; running %s", command->passed_over,
				COMMAND_DEFAULT_SHELL);
	if (found != 0)
		l->advise(l->context, f);
	else if (l->inspect != NULL)
		found = l->inspect(l->context, command, f);
	return found;
}

static int execute(const struct launch *l, const struct command *command, struct failure *f)
{
	if (!has_command(l) || command_exec(command, f) == 0)
		return 0;
	l->advise(l->context, f);
	return -1;
}

/* The command takes the tool's own place. */
static int run_in_place(const struct launch *l)
{
	struct command command;
	struct failure f;

	/* Whatever file it waits for, it can be ended: who made something outside undoes it then. */
	sigprocmask(SIG_SETMASK, &l->mask, NULL);
	if (prepare(l, &f) == 0 && settle(l, &command, &f) == 0) {
		if (l->passes_sigchld && l->ignored_sigchld)
			signal(SIGCHLD, SIG_IGN);
		commit(l);
		if (execute(l, &command, &f) == 0)
			return EXIT_SUCCESS;
	}
	abandon(l);
	return message_failure(&f);
}

/* The command's session and standard streams, if they are to be others. */
static int change_session(const struct launch *l, struct failure *f)
{
	if ((!l->request->detach && !l->request->new_session) || !trace_call("setsid()") ||
	    trace_result(l->request->detach ? child_detach(l->null_fd, l->log_fd) : setsid()) >= 0)
		return 0;
	return failure_errno(f, "leave the session", NULL);
}

/* Until there is something to read, or the end of file; also from a non-blocking one. */
static int await_go(int fd, struct failure *f)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;
	ssize_t n;

	do {
		poll(&p, 1, -1);
		n = read(fd, &byte, 1);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n >= 0 ? 0 : failure_errno(f, "wait for the descriptor of --wait-fd", NULL);
}

/* A dry run is both: what the parent does between the gates. */
static int rehearse(const struct launch *l, struct failure *f)
{
	int result;

	trace_role(NULL);
	result = l->keeps ? l->publish(l->context, 0, f) : 0;
	trace_role("child");
	return result;
}

/* Tells the parent that all is set up, and waits until it and the caller are ready too. */
static int shake_hands(const struct launch *l, const struct child *c, struct failure *f)
{
	if (trace_is_dry_run())
		return rehearse(l, f);
	if (!c->handshake)
		return 0;
	child_report_settled(c);
	child_pass_gate(c);
	return l->request->wait_fd.given ? await_go(l->request->wait_fd.fd, f) : 0;
}

static bool is_standard(const struct opt_fd *fd)
{
	return fd->given && fd->fd <= STDERR_FILENO;
}

/* The command does not inherit ours, but must not find a standard one closed either. */
static int hide_descriptors(const struct launch *l, struct failure *f)
{
	const struct opt_fd *ours[] = { &l->request->ready_fd, &l->request->wait_fd };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (is_standard(ours[i]) && !trace_is_dry_run() &&
		    child_give_null(l->null_fd, ours[i]->fd) != 0)
			return failure_errno(f, "replace standard stream", NULL);
	return 0;
}

/* The forked child.  Its failures are the parent's to print: this one may have no stderr. */
__attribute__((noreturn)) static void be_child(const struct launch *l, const struct child *c)
{
	struct command command;
	struct failure f;

	trace_role("child");
	child_pass_gate(c);
	if (settle(l, &command, &f) == 0 && shake_hands(l, c, &f) == 0 &&
	    hide_descriptors(l, &f) == 0 && change_session(l, &f) == 0) {
		child_before_exec(c);
		if (execute(l, &command, &f) == 0)
			_exit(EXIT_SUCCESS);
	}
	if (trace_is_dry_run())
		message_failure(&f);
	child_give_up(c, &f);
}

static int print_pid(const struct child *c, struct failure *f)
{
	char line[16];
	int length = snprintf(line, sizeof(line), "%d\n", (int)c->pid);

	if (write(STDOUT_FILENO, line, (size_t)length) == length)
		return 0;
	return failure_errno(f, "write", "standard output");
}

/* The child is set up: tell all who want to know, then let it go on. */
static int announce(struct launch *l, struct child *c, struct init *init, struct failure *f)
{
	if (l->keeps && l->publish(l->context, init->pid, f) != 0)
		return -1;
	if (l->request->pid_file != NULL &&
	    ready_write_pid_file(l->pid_dir, l->request->pid_file, c->pid, f) != 0)
		return -1;
	l->wrote_pid_file = l->request->pid_file != NULL;
	if (l->request->ready_fd.given &&
	    ready_write_namespaces(l->request->ready_fd.fd, c->self, c->pid, c->inner_pid, f) != 0)
		return -1;
	if (l->request->detach && print_pid(c, f) != 0)
		return -1;
	if (l->keeps)
		init_begin(init);
	child_open_gate(c);
	return 0;
}

/* The command will not be executed: nothing of it stays. */
static void clear_away(const struct launch *l, struct init *init, const struct failure *f)
{
	if (l->request->ready_fd.given)
		ready_write_end(l->request->ready_fd.fd, f);
	if (l->wrote_pid_file)
		unlinkat(l->pid_dir, file_base_name(l->request->pid_file), 0);
	abandon(l);
	init_end(init);
}

static int give_up(const struct launch *l, struct child *c, struct init *init,
		   const struct failure *f)
{
	child_abandon(c);
	clear_away(l, init, f);
	return message_failure(f);
}

/* It runs: what was made stays. */
static int executed(const struct launch *l, const struct child *c, struct failure *f)
{
	if (l->request->detach && !c->handshake && print_pid(c, f) != 0)
		return -1;
	if (l->request->ready_fd.given)
		ready_write_end(l->request->ready_fd.fd, NULL);
	commit(l);
	return 0;
}

/* It ended, and with it whatever it left in a PID namespace of its own. */
__attribute__((noreturn)) static void end_like_child(const struct launch *l, const struct child *c,
						     struct init *init, bool ran)
{
	struct failure f;

	failure_reason(&f, "execute the command", NULL, "it was ended before");
	if (ran)
		init_end(init);
	else
		clear_away(l, init, &f);
	/* Nobody ended it: it could not even say why it gave up. */
	if (!ran && WIFEXITED(c->status) && WEXITSTATUS(c->status) == EXIT_OWN)
		_exit(message_failure(&f));
	child_end_like(c->status);
}

/*
 * A command that could trace the tool, or look at its descriptors, would have what it
 * is denied: the old root, capabilities.
 */
static int guard(const struct launch *l, struct failure *f)
{
	return l->guarded ? child_guard(f) : 0;
}

/* The waiting parent: the rest of the set-up, then the command's signals and its end. */
static int supervise(struct launch *l, struct child *c, struct init *init)
{
	struct failure f;
	bool runs = false;

	if (prepare(l, &f) != 0 || guard(l, &f) != 0)
		return give_up(l, c, init, &f);
	child_open_gate(c);
	for (;;) {
		switch (child_next(c, &f)) {
		case CHILD_SETTLED:
			if (announce(l, c, init, &f) != 0)
				return give_up(l, c, init, &f);
			break;
		case CHILD_FAILED: return give_up(l, c, init, &f);
		case CHILD_EXECUTED:
			runs = true;
			if (executed(l, c, &f) != 0) {
				kill(c->pid, SIGKILL);
				return give_up(l, c, init, &f);
			}
			init_commit(init);
			if (l->request->detach)
				return EXIT_SUCCESS;
			break;
		case CHILD_ENDED: end_like_child(l, c, init, runs);
		}
	}
}

static int run_as_child(struct launch *l)
{
	struct child *c = &l->child;
	struct init init = {
		.keeps = l->keeps,
		.outlives = l->request->detach,
		.guarded = l->guarded && (!l->keeps || l->may_trace),
		.start = -1,
	};
	struct failure f;
	pid_t pid;

	if ((l->init || l->keeps) && init_start(&init) != 0) {
		failure_errno(&f, l->keeps ? "start the keeper" : "start PID 1", NULL);
		explain_fork(&f);
		return launch_cancel(l, &f);
	}
	pid = child_fork(c);
	if (pid == 0 && !trace_is_dry_run()) {
		close_fd(&init.start);
		/* Directories of ours, to which no path that is looked up inside may lead. */
		close_fd(&l->pid_dir);
		close_fd(&c->self);
		if (l->leave != NULL)
			l->leave(l->context);
		be_child(l, c);
	}
	if (pid > 0) {
		if (!l->keeps)
			init_begin(&init);
		return supervise(l, c, &init);
	}
	/* A dry run is both. */
	if (pid == 0 && prepare(l, &f) == 0 && guard(l, &f) == 0)
		be_child(l, c);
	if (pid < 0) {
		failure_errno(&f, "fork", NULL);
		explain_fork(&f);
	}
	abandon(l);
	init_end(&init);
	child_end_watcher(c);
	return message_failure(&f);
}

/* Now, as the caller: a FIFO that nobody reads must not make us wait. */
static int open_log(struct launch *l, struct failure *f)
{
	l->log_fd = open(l->request->log,
			 O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
	if (l->log_fd >= 0 && fcntl(l->log_fd, F_SETFL, O_APPEND) == 0)
		return 0;
	return failure_errno(f, "write to", l->request->log);
}

/* What is opened as the caller, by the caller's root: that of the command may lack it. */
static int open_files(struct launch *l, struct failure *f)
{
	if (trace_is_dry_run())
		return 0;
	if (l->request->log != NULL && open_log(l, f) != 0)
		return -1;
	if (l->request->pid_file != NULL &&
	    (l->pid_dir = file_open_directory_of(l->request->pid_file)) < 0)
		return failure_errno(f, "write the PID to", l->request->pid_file);
	if ((l->request->detach || is_standard(&l->request->ready_fd) ||
	     is_standard(&l->request->wait_fd)) &&
	    (l->null_fd = child_open_null()) < 0)
		return failure_errno(f, "open", "/dev/null");
	return 0;
}

int launch_begin(struct launch *l, struct failure *f)
{
	l->log_fd = l->pid_dir = l->null_fd = -1;
	l->ignored_sigchld = child_hold_signals(&l->mask);
	l->child = (struct child){
		.other_pid_namespace = l->other_pid_namespace,
		.is_init = l->new_pid_namespace && !l->init && !l->keeps,
		.handshake = l->request->ready_fd.given || l->request->wait_fd.given ||
			     l->request->pid_file != NULL || l->keeps,
		.kill_signal = l->request->kill_child,
		.mask = l->mask,
		.self = -1,
		.lifeline = -1,
	};
	if (l->child.handshake)
		l->child.self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (open_files(l, f) != 0)
		return -1;
	if (l->request->kill_child == 0 || child_start_watcher(&l->child) == 0)
		return 0;
	failure_errno(f, "fork", NULL);
	explain_fork(f);
	return -1;
}

int launch_cancel(struct launch *l, const struct failure *f)
{
	abandon(l);
	child_end_watcher(&l->child);
	return launch_refuse(l->request, f);
}

int launch_command(struct launch *l)
{
	return l->forks ? run_as_child(l) : run_in_place(l);
}
