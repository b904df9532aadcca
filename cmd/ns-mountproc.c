/*
 * ns-mountproc - mount the proc that belongs to a PID namespace
 *
 * SPDX-License-Identifier: MIT
 *
 * Order, and why:
 *
 *  1. Options are recorded and checked, the target is held, and the proc that is there is
 *     opened: what is mounted later may cover it.
 *  2. With a target its PID and mount namespace are joined, and the user namespace that
 *     gives the right to them; then a child, which is in that PID namespace: a proc is
 *     that of the process that mounts it.
 *  3. The directory is resolved once; from here on it is a descriptor, and no link that is
 *     changed meanwhile leads elsewhere.
 *  4. The two questions: is it there already?  Would somebody outside lose theirs?
 *  5. The mount is made, and verified, before it is anywhere; the place is made private
 *     before it is put there, so that no other mount namespace sees it.
 *  6. exec, if there is a command.
 */
#include <errno.h>
#include <limits.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caps.h"
#include "cleanup.h"
#include "command.h"
#include "exitcode.h"
#include "file.h"
#include "join.h"
#include "joinplan.h"
#include "kernel.h"
#include "message.h"
#include "mounttable.h"
#include "nsref.h"
#include "nsrefopen.h"
#include "opts.h"
#include "procmount.h"
#include "procothers.h"
#include "procreport.h"
#include "procview.h"
#include "trace.h"

enum { FALLBACK_BIND = 1 };
enum { EXIT_DIFFERS = 1 }; /* of --check */

/* What the user asked for. */
struct request {
	const char *target, *dir, *options;
	int fallback;
	bool force, check, json;
	struct opts_request what;
};

static const struct opt_choice fallbacks[] = {
	{ "bind", FALLBACK_BIND },
	{ 0 },
};

#define FIELD(member) .field = offsetof(struct request, member)

/* clang-format off */
static const struct opt table[] = {
	{ .kind = OPT_GROUP, .help = "Which proc, and where" },
	{ .kind = OPT_TEXT, .letter = 't', .name = "target", .arg = "NSREF", FIELD(target),
	  .help = "that of this process's PID namespace, in its mount namespace" },
	{ .kind = OPT_TEXT, .name = "dir", .arg = "DIR", .ours = true, FIELD(dir),
	  .help = "on DIR, in place of /proc" },
	{ .kind = OPT_TEXT, .letter = 'o', .name = "options", .arg = "LIST", .ours = true,
	  FIELD(options),
	  .help = "with these mount options: hidepid=, gid=, subset=pid, ro, noatime ..." },
	{ .kind = OPT_FLAG, .name = "force", .ours = true, FIELD(force),
	  .help = "even if others in this mount namespace lose sight of their processes" },
	{ .kind = OPT_CHOICE, .name = "fallback", .arg = "MODE", .ours = true,
	  .choices = fallbacks, FIELD(fallback), .excludes = "options\0target\0",
	  .help = "bind: where the kernel refuses, bind the proc that is there" },

	{ .kind = OPT_GROUP, .help = "Looking only" },
	{ .kind = OPT_FLAG, .name = "check", .ours = true, FIELD(check),
	  .excludes = "options\0force\0fallback\0",
	  .help = "tell whose proc is there, and who would be affected; 0 if it matches, or 1" },
	{ .kind = OPT_FLAG, .name = "json", .ours = true, FIELD(json), .requires = "check\0",
	  .help = "as JSON" },

	{ .kind = OPT_TABLE, .table = opts_narration, FIELD(what) },
	{ .kind = OPT_END },
};
/* clang-format on */

static const struct opts opts = {
	.operands = "[COMMAND [ARGUMENT...]]",
	.summary = "Mount the proc of a PID namespace, and run COMMAND, if there is one.",
	.table = table,
};

/* What main() passes down. */
struct job {
	struct request req;
	char *const *command; /* or NULL in [0] */
	struct mnt_options options;
	struct nsref ref;
	struct join join;
	struct procview view;
	char dir[2 * PATH_MAX]; /* where, by its whole name */
};

static int refuse_command(const struct job *job, struct failure *f)
{
	if (job->command[0] == NULL || (job->req.target == NULL && !job->req.check))
		return 0;
	failure_option(f, job->req.check ? "--check" : "--target", "takes no command");
	if (!job->req.check)
		failure_hint(f,
			     "the command would run out here; write 'ns-enter %s ns-mountproc %s'",
			     job->req.target, job->command[0]);
	return -1;
}

/* A PID namespace alone: that of its first process (ioctl_ns(2), 6.11). */
static int find_init(struct job *job, int ns, struct failure *f)
{
	autofd fd = ns;
	struct target *target = &job->join.target;
	struct stat st, its;
	int pid;

	if (ioctl(fd, KERNEL_NS_GET_NSTYPE) != CLONE_NEWPID)
		return failure_option(f, "--target",
				      "'%s' is neither a process nor a PID namespace",
				      job->req.target);
	pid = ioctl(fd, KERNEL_NS_GET_PID_FROM_PIDNS, 1);
	if (pid < 0)
		return failure_errno(f, "find the first process of", job->req.target);
	if (target_open(target, pid, 0, f) != 0)
		return -1;
	if (fstat(fd, &st) != 0 || fstatat(target->proc, "ns/pid", &its, 0) != 0)
		return failure_errno(f, "read the namespaces of the first process of",
				     job->req.target);
	return st.st_ino == its.st_ino ? 0
				       : failure_reason(f, "find the first process of",
							job->req.target, "it has ended");
}

/* One type of the target's; what is shared is left out. */
static int take_type(struct join *join, int flag, struct failure *f)
{
	const struct nstype *type = nstype_by_flag(flag);
	int shared = join_shares(join, type, type->link, f);

	if (shared == 0)
		join->by_pidfd |= flag;
	return shared < 0 ? -1 : 0;
}

/* The children of unshare(1), which waits outside, are in another one than itself. */
static int take_pid(struct join *join, struct failure *f)
{
	const struct nstype *type = nstype_by_flag(CLONE_NEWPID);
	int fd;

	if (!joinplan_differs_for_children(&join->target, type))
		return take_type(join, CLONE_NEWPID, f);
	fd = target_open_file(&join->target, type->new_link, O_RDONLY, f);
	if (fd < 0)
		return -1;
	message_note("process %d is not in the PID namespace of its children, which is taken",
		     (int)join->target.pid);
	return join_add_fd(join, type, fd, type->new_link, f);
}

static int open_target(struct job *job, struct failure *f)
{
	struct join *join = &job->join;
	int fd = -1;

	if (job->req.target == NULL)
		return 0;
	if (nsref_parse(job->req.target, &job->ref, f) != 0 ||
	    nsref_open(&job->ref, &join->target, &fd, f) != 0 ||
	    (fd >= 0 && find_init(job, fd, f) != 0))
		return -1;
	job->view.root = target_open_file(&join->target, "root", O_PATH | O_DIRECTORY, f);
	if (job->view.root < 0 || take_pid(join, f) != 0 || take_type(join, CLONE_NEWNS, f) != 0)
		return -1;
	if (!caps_have(CAP_SYS_ADMIN) && take_type(join, CLONE_NEWUSER, f) != 0)
		return -1;
	return join_check(join, f) == 0 && target_check(&join->target, f) == 0 ? 0 : -1;
}

/*
 * By its whole name: from the working directory itself no path leads to what is mounted
 * on it afterwards.
 */
static int choose_directory(struct job *job, struct failure *f)
{
	const char *dir = job->req.dir != NULL ? job->req.dir : "/proc";
	char here[PATH_MAX];

	if (dir[0] == '/' || dir[0] == '\0' || job->req.target != NULL) {
		snprintf(job->dir, sizeof(job->dir), "%s", dir);
		return 0;
	}
	if (getcwd(here, sizeof(here)) == NULL)
		return failure_errno(f, "find the working directory", NULL);
	snprintf(job->dir, sizeof(job->dir), "%s/%s", here, dir);
	return 0;
}

static int prepare(struct job *job, char *operand[], struct failure *f)
{
	job->command = operand;
	if (choose_directory(job, f) != 0)
		return -1;
	procview_start(&job->view, job->dir);
	if (job->req.options != NULL &&
	    mounttable_parse_options(job->req.options, &job->options, f) != 0)
		return -1;
	return refuse_command(job, f) == 0 && open_target(job, f) == 0 ? 0 : -1;
}

/* Nothing to be done; but options that it has not cannot be given to it. */
static int leave_as_it_is(const struct job *job, struct failure *f)
{
	if (job->req.options != NULL) {
		failure_option(f, "--options",
			       "the proc of this PID namespace is mounted there already");
		failure_hint(f, "its options are shared with every mount namespace that shows it, "
				"and stay; add --dir=DIR to mount another one there");
		return -1;
	}
	if (trace_mode != TRACE_OFF)
		message_note("'%s' shows this PID namespace already; nothing is mounted",
			     job->view.dir);
	return 0;
}

static int bind_instead(const struct job *job, struct failure *f)
{
	struct failure refused = *f;
	char text[1024];

	if (job->req.fallback != FALLBACK_BIND || f->error != EPERM)
		return -1;
	if (job->view.proc < 0) {
		failure_hint(&refused, "no proc is there that could be bound (--fallback=bind)");
		*f = refused;
		return -1;
	}
	failure_text(&refused, text, sizeof(text));
	message_warning("%s; the proc at /proc is bound instead, and shows the processes of %s",
			text,
			job->view.levels_proc == 1   ? "this PID namespace"
			: job->view.levels_proc == 0 ? "another PID namespace"
						     : "an outer PID namespace");
	return procview_is_there(&job->view) ? 0 : procmount_bind(&job->view, f);
}

/* The two questions, and then the mount. */
static int settle(const struct job *job, struct failure *f)
{
	int status;

	if (job->view.is_left)
		message_warning("only children are in the new PID namespace; this proc is that of "
				"the old one: add --fork to unshare");
	if (procview_matches(&job->view))
		return leave_as_it_is(job, f);
	if (!job->req.force && procothers_refuse(&job->view, f) != 0)
		return -1;
	status = procmount_mount(&job->view, &job->options, f);
	if (status < 0)
		status = bind_instead(job, f);
	if (status > 0)
		message_note("the mount namespaces that share the mount around '%s' see it bound "
			     "on itself",
			     job->view.dir);
	return status < 0 ? -1 : 0;
}

static int check(const struct job *job, struct failure *f)
{
	if (file_was_closed(STDOUT_FILENO)) {
		errno = EBADF;
		return failure_errno(f, "write", "standard output");
	}
	if (procreport_print(&job->view, job->req.json, stdout, f) != 0)
		return -1;
	opts_finish_output();
	return procview_matches(&job->view) ? EXIT_SUCCESS : EXIT_DIFFERS;
}

/* As the process that we are by now; the status, or -1 with *f. */
static int work(struct job *job, struct failure *f)
{
	if (job->view.root >= 0 && trace_is_dry_run())
		procview_take_target(&job->view, &job->join.target,
				     job->join.fd[nstype_by_flag(CLONE_NEWPID) - nstypes]);
	else
		procview_take_own(&job->view);
	if (procview_resolve(&job->view, job->req.check ? "look at" : mnt_proc.verb, f) != 0)
		return -1;
	return job->req.check ? check(job, f) : settle(job, f);
}

/* The child: it begins when we have said so, dies with us, and reports by itself. */
__attribute__((noreturn)) static void work_as_child(struct job *job, int gate)
{
	struct failure f;
	char byte;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(gate, &byte, 1) != 1)
		_exit(EXIT_OWN);
	close(gate);
	trace_role("child");
	status = work(job, &f);
	_exit(status < 0 ? message_failure(&f) : status);
}

static int wait_for_child(const struct job *job, pid_t pid, struct failure *f)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return failure_errno(f, "wait for the child that mounts", NULL);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return failure_reason(f, "mount proc on", job->view.dir,
			      "the child that did it was killed");
}

/* In the target's namespaces; the status, or -1 with *f. */
static int work_inside(struct job *job, struct failure *f)
{
	int gate[2];
	pid_t pid;

	if (join_flags(&job->join) != 0 && join_namespaces(&job->join, f) != 0)
		return -1;
	if (!trace_call("fork()")) {
		trace_role("child");
		return work(job, f);
	}
	if (pipe2(gate, O_CLOEXEC) != 0)
		return failure_errno(f, "create a pipe", NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored, it would take the status away */
	pid = fork();
	if (pid == 0) {
		close(gate[1]);
		work_as_child(job, gate[0]);
	}
	close(gate[0]);
	if (trace_result(pid) < 0)
		return failure_errno(f, "fork", NULL);
	if (write(gate[1], "", 1) != 1)
		return failure_errno(f, "start the child", NULL);
	close(gate[1]);
	return wait_for_child(job, pid, f);
}

static int run_command(const struct job *job, struct failure *f)
{
	struct command command;

	if (job->command[0] == NULL)
		return 0;
	if (command_find(&command, job->command, NULL, -1, f) != 0)
		return -1;
	return command_exec(&command, f);
}

int main(int argc, char *argv[])
{
	struct job job = { 0 };
	struct failure f;
	int operand, status = -1;

	file_fill_standard();
	operand = opts_parse(&opts, argc, argv, &job.req);
	trace_start(job.req.what.verbose, job.req.what.dry_run);
	join_init(&job.join);
	if (prepare(&job, &argv[operand], &f) == 0)
		status = job.req.target != NULL ? work_inside(&job, &f) : work(&job, &f);
	if (status == 0)
		status = run_command(&job, &f);
	return status < 0 ? message_failure(&f) : status;
}
