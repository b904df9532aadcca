/*
 * ns-enter - join namespaces that exist, and run a command there
 *
 * SPDX-License-Identifier: MIT
 *
 * Order, and why:
 *
 *  1. Options are recorded.  The target is held by a pidfd from the moment its PID is
 *     known, and its directory in /proc is opened once: it stays the one that was
 *     meant.
 *  2. Everything that is the caller's or the target's by name is looked up now, with
 *     the caller's libraries and the caller's rights: users, shells, root, working
 *     directory, environment, control group.  Afterwards no library is loaded and no
 *     name service asked: they would be the target's.
 *  3. The target still lives: so all this was its own.
 *  4. The control group, while it can be seen; supplementary groups where they cannot
 *     be dropped inside.
 *  5. Not dumpable from here to exec: what we have open is nothing for those inside.
 *     Then the namespaces, what is shared already left out, by one setns(2).
 *  6. The IDs that the command will have, by the maps inside.
 *  7. The fork, which a PID namespace needs.  In the child: root, directory, mounts;
 *     groups, group, user, capabilities; and exec.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "child.h"
#include "cleanup.h"
#include "command.h"
#include "environment.h"
#include "exitcode.h"
#include "explain.h"
#include "file.h"
#include "identity.h"
#include "join.h"
#include "joinids.h"
#include "joinplan.h"
#include "kernel.h"
#include "launch.h"
#include "message.h"
#include "mnt.h"
#include "mntplan.h"
#include "opts.h"
#include "procfs.h"
#include "sealed.h"
#include "trace.h"

/* execve(2): three quarters of _STK_LIM. */
enum { ENVIRONMENT_MOST = 6 << 20 };

enum { ENV_KEEP = 1, ENV_TARGET, ENV_CLEAN };

/* What the user asked for. */
struct request {
	struct joinplan join;
	struct joinids ids;
	bool sealed;
	const char *root, *wd, *wdns, *mount_proc;
	int env;
	bool join_cgroup, follow_context;
	struct launch_request launch;
	struct opts_request what;
};

/* The value of an option that was given without one: the target's own. */
static const char of_target[] = "";

static const struct opt_choice environments[] = {
	{ "keep", ENV_KEEP },
	{ "target", ENV_TARGET },
	{ "clean", ENV_CLEAN },
	{ 0 },
};

#define FIELD(member) .field = offsetof(struct request, member)

/* clang-format off */
static const struct opt table[] = {
	{ .kind = OPT_GROUP, .help = "Namespaces to enter: the target's, or that of FILE, :ID or an inode" },
	{ .kind = OPT_TEXT, .letter = 't', .name = "target", .arg = "NSREF", FIELD(join.target), .once = true,
	  .help = "enter those of this process (default: the first operand)" },
	{ .kind = OPT_FLAG, .letter = 'a', .name = "all", FIELD(join.all),
	  .help = "all that differ (default)" },
	{ .kind = OPT_NSTYPES, .optional = true, .attached = true, .arg = "FILE", FIELD(join.types) },
	{ .kind = OPT_FD, .letter = 'N', .name = "net-socket", .arg = "FD", FIELD(join.net_socket),
	  .help = "the network namespace of the target's socket FD" },
	{ .kind = OPT_FLAG, .name = "user-parent", FIELD(join.user_parent),
	  .help = "the user namespace that owns the others, or is the parent of --user's" },
	{ .kind = OPT_FLAG, .name = "exact", .ours = true, FIELD(join.exact),
	  .help = "the target's own PID namespace, although its children are in another" },

	{ .kind = OPT_GROUP, .help = "Users, groups and capabilities" },
	{ .kind = OPT_TEXT, .letter = 'S', .name = "setuid", .arg = "UID", FIELD(ids.setuid),
	  .help = "run the command as this user: a number, a name of the target's, or follow" },
	{ .kind = OPT_TEXT, .letter = 'G', .name = "setgid", .arg = "GID", FIELD(ids.setgid),
	  .help = "run it as this group, without supplementary groups" },
	{ .kind = OPT_FLAG, .name = "preserve-credentials", FIELD(ids.preserve_credentials),
	  .help = "leave users and groups as they are" },
	{ .kind = OPT_FLAG, .name = "keep-caps", FIELD(ids.keep_caps),
	  .help = "keep the capabilities of the user namespace in the command" },

	{ .kind = OPT_GROUP, .help = "Directories, environment, control group" },
	{ .kind = OPT_TEXT, .letter = 'r', .name = "root", .arg = "DIR", .optional = true,
	  .attached = true, .fallback = of_target, FIELD(root),
	  .help = "change the root directory, and go there; the target's, or DIR out here" },
	{ .kind = OPT_TEXT, .letter = 'w', .name = "wd", .arg = "DIR", .optional = true,
	  .attached = true, .fallback = of_target, FIELD(wd), .excludes = "wdns\0",
	  .help = "change the working directory; the target's, or DIR out here" },
	{ .kind = OPT_TEXT, .letter = 'W', .name = "wdns", .arg = "DIR", .optional = true,
	  .attached = true, .fallback = NULL, FIELD(wdns),
	  .help = "change the working directory to DIR inside" },
	{ .kind = OPT_TEXT, .name = "mount-proc", .arg = "DIR", .optional = true, .ours = true,
	  .fallback = "/proc", FIELD(mount_proc),
	  .help = "mount the proc of the PID namespace on DIR (/proc), for the command alone" },
	{ .kind = OPT_CHOICE, .letter = 'e', .name = "env", .arg = "MODE", .optional = true,
	  .choices = environments, .fallback = "target", FIELD(env),
	  .help = "the target's environment; or keep (default), target, clean" },
	{ .kind = OPT_FLAG, .letter = 'c', .name = "join-cgroup", FIELD(join_cgroup),
	  .help = "join the target's control group (version 2)" },
	{ .kind = OPT_FLAG, .letter = 'Z', .name = "follow-context", FIELD(follow_context),
	  .help = "take the target's SELinux context" },

	{ .kind = OPT_FLAG, .name = "sealed", .ours = true, FIELD(sealed),
	  .help = "run from a copy of this program that those inside cannot change" },

	{ .kind = OPT_TABLE, .table = launch_options, FIELD(launch),
	  .peers = "no-fork\0" },
	{ .kind = OPT_TABLE, .table = opts_narration, FIELD(what) },
	{ .kind = OPT_END },
};
/* clang-format on */

static const struct opts opts = {
	.operands = "[NSREF] [COMMAND [ARGUMENT...]]",
	.summary = "Run COMMAND (default: your shell) in namespaces that exist.",
	.table = table,
};

/* What main() passes down: the request, what is held open, and what the command will be. */
struct job {
	struct request req;
	char **argv;
	int operand; /* of the command */
	struct join join;
	int flags;         /* join_flags(), which is known when nothing is open any more */
	int root, wd;      /* to be changed to, or -1 */
	char *cwd;         /* where we are, to go there inside */
	char *environment; /* the target's, of this many bytes */
	size_t environment_bytes;
	bool guarded; /* the target may be less privileged than we */
	const char *shells[4];
	struct command outside; /* the command, where it is found out here */
	bool is_outside;
	struct stat own; /* this program, if it is to be kept from those inside */
	bool is_sealed, is_writable;
	struct identity identity;
};

/* With --root a directory of --wd is one inside: out here would lead out of the root. */
static bool is_inside(const struct request *req)
{
	return req->root != NULL && req->wd != NULL && req->wd != of_target;
}

/* A directory of the target's, or one out here; -1 in *fd: none was asked for. */
static int open_directory(const struct job *job, const char *dir, const char *of, const char *verb,
			  int *fd, struct failure *f)
{
	*fd = -1;
	if (dir == NULL || (dir == job->req.wd && is_inside(&job->req)))
		return 0;
	if (dir == of_target)
		*fd = target_open_file(&job->join.target, of, O_PATH | O_DIRECTORY, f);
	else if ((*fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		failure_errno(f, verb, dir);
	return *fd < 0 ? -1 : 0;
}

/* All of it, now, by our own right; it may be empty, or large. */
static int read_environment(struct job *job, struct failure *f)
{
	autofd fd = target_open_file(&job->join.target, "environ", O_RDONLY, f);
	size_t size = 0;
	ssize_t n = 1;

	while (fd >= 0 && n > 0) {
		char *more;

		if (job->environment_bytes > ENVIRONMENT_MOST)
			return failure_reason(f, "read the environment", NULL,
					      "the target's is larger than a command can have");
		more = realloc(job->environment, size += 65536);
		if (more == NULL)
			return failure_errno(f, "read the environment of the target", NULL);
		job->environment = more;
		n = read(fd, more + job->environment_bytes, size - job->environment_bytes);
		if (n < 0)
			return failure_errno(f, "read the environment of the target", NULL);
		job->environment_bytes += (size_t)n;
		size = job->environment_bytes;
	}
	return fd < 0 ? -1 : 0;
}

/*
 * By its numbers: a descriptor would be one to which a path inside can lead.  ETXTBSY, as
 * we run from it, or a read-only mount say nothing about rights (access(2)).
 */
static int look_at_own(struct job *job, struct failure *f)
{
	static const char path[] = "/proc/self/exe";

	if (stat(path, &job->own) != 0)
		return failure_errno(f, "look at", path);
	/* A file that has a name is no memfd. */
	job->is_sealed = job->own.st_nlink == 0 && sealed_is();
	job->is_writable = faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ||
			   (errno != EACCES && errno != EPERM);
	return 0;
}

/*
 * In our user namespace, whether that is entered or not, with our capabilities, and with
 * none but our IDs: one that has several may be waiting to give up what is more than ours.
 */
static bool is_as_privileged(const struct job *job)
{
	const struct target *target = &job->join.target;
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);
	struct procfs_status its, own;
	struct failure ignored;

	return target->pidfd >= 0 && target_shares(target, user, user->link, &ignored) == 1 &&
	       procfs_read_status(target->proc, &its) == 0 &&
	       procfs_read_status(job->req.ids.self, &own) == 0 &&
	       (own.permitted & ~its.permitted) == 0 && its.uid == geteuid() &&
	       its.real_uid == geteuid() && its.saved_uid == geteuid() && its.gid == getegid() &&
	       its.real_gid == getegid() && its.saved_gid == getegid();
}

/* Everything that is looked up by name, while names are still ours. */
static int look_up(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	const struct target *target = &job->join.target;
	char *const *command = &job->argv[job->operand];
	struct failure ignored;

	job->req.ids.needs_user = command[0] == NULL || req->env == ENV_CLEAN ||
				  req->env == ENV_TARGET;
	if (look_at_own(job, f) != 0 ||
	    open_directory(job, req->root, "root", "change root to", &job->root, f) != 0 ||
	    open_directory(job, req->wd, "cwd", "change directory to", &job->wd, f) != 0 ||
	    joinids_look_up(&job->req.ids, &job->join, f) != 0)
		return -1;
	if (req->env == ENV_TARGET && read_environment(job, f) != 0)
		return -1;
	job->guarded = !is_as_privileged(job);
	if ((job->flags & CLONE_NEWNS) != 0)
		job->cwd = getcwd(NULL, 0);
	if (command[0] != NULL) {
		job->is_outside = ((job->flags & CLONE_NEWNS) != 0 || req->root != NULL) &&
				  command_find(&job->outside, command, job->shells, -1, &ignored) ==
					  0;
	} else {
		const char *shell = getenv("SHELL");
		size_t i = 0;

		if (shell != NULL && shell[0] != '\0' && req->env != ENV_CLEAN)
			job->shells[i++] = shell;
		job->shells[i++] = job->req.ids.user.shell;
		job->shells[i++] = "/bin/bash";
	}
	return target->pidfd >= 0 ? target_check(target, f) : 0;
}

/* SELinux: the context that the command is to be executed in (proc(5), attr/exec). */
static int follow_context(const struct target *target, struct failure *f)
{
	char context[4096];

	if (access("/sys/fs/selinux/enforce", F_OK) != 0)
		return 0; /* there is none to be followed, as for nsenter(1) */
	if (file_read(target->proc, "attr/current", context, sizeof(context)) < 0)
		return failure_errno(f, "read the SELinux context of the target", NULL);
	if (file_write(AT_FDCWD, "/proc/self/attr/exec", "/proc/self/attr/exec", context) == 0)
		return 0;
	return failure_errno(f, "follow the SELinux context", context);
}

/* Out here what must be, then the joins, then what is known only inside. */
static int enter(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;

	if (req->join_cgroup && cgroup_join(&job->join.target, f) != 0)
		return -1;
	if (req->follow_context && follow_context(&job->join.target, f) != 0)
		return -1;
	if (joinids_leave(&job->req.ids, &job->join, f) != 0 || join_namespaces(&job->join, f) != 0)
		return -1;
	if (req->what.verbose || req->what.dry_run)
		message_note("not joined: %slimits, seccomp filters, the security context",
			     req->join_cgroup ? "" : "the control group (see --join-cgroup), ");
	return joinids_choose(&job->req.ids, &job->join, &job->identity, f);
}

/* After a mount namespace was joined we are in its root: back to where we were, if it is there. */
static int return_to_directory(const struct job *job, struct failure *f)
{
	if (job->cwd == NULL)
		return 0;
	if (mnt_change_directory_inside(job->cwd, f) == 0)
		return 0;
	if (isatty(STDERR_FILENO))
		message_note("there is no directory '%s' inside; in the root directory", job->cwd);
	return mnt_change_directory("/", f);
}

static int settle_directories(const struct job *job, struct failure *f)
{
	const struct request *req = &job->req;

	if (req->root != NULL &&
	    mnt_change_root_to(job->root, req->root == of_target ? "/" : req->root, f) != 0)
		return -1;
	if (is_inside(req))
		return mnt_change_directory_inside(req->wd, f);
	if (req->wd != NULL)
		return mnt_change_directory_to(job->wd, req->wd == of_target ? "." : req->wd, f);
	if (req->wdns != NULL)
		return mnt_change_directory_inside(req->wdns, f);
	return req->root == NULL ? return_to_directory(job, f) : 0;
}

/* In a mount namespace of the command's own, so that nobody else's proc is covered. */
static int settle_proc(const struct request *req, struct failure *f)
{
	const struct mntplan plan = { .propagation = MNT_PRIVATE, .proc = req->mount_proc };

	if (req->mount_proc == NULL)
		return 0;
	if (trace_call("unshare(CLONE_NEWNS)") && trace_result(unshare(CLONE_NEWNS)) != 0)
		return failure_errno(f, "create a new mnt namespace", NULL);
	if (mnt_set_propagation(MNT_PRIVATE, f) != 0)
		return -1;
	return mntplan_settle(&plan, f);
}

static int settle_environment(struct job *job, struct failure *f)
{
	int left_out;

	if (job->req.env == ENV_CLEAN)
		return environment_clean(&job->req.ids.user, NULL, 0, f);
	if (job->req.env != ENV_TARGET)
		return 0;
	left_out = environment_take(job->environment, job->environment_bytes,
				    job->guarded ? &job->req.ids.user : NULL, f);
	if (left_out > 0)
		message_note("%d of the target's variables %s not taken: programs could be steered "
			     "by %s",
			     left_out, left_out == 1 ? "is" : "are", left_out == 1 ? "it" : "them");
	return left_out < 0 ? -1 : 0;
}

static int settle(void *context, struct failure *f)
{
	struct job *job = context;

	joinids_find_user(&job->req.ids, &job->identity);
	/* Nothing of what is open out here is there any more, for a path inside to lead to. */
	join_close(&job->join);
	joinids_close(&job->req.ids);
	if (settle_directories(job, f) != 0)
		return -1;
	close_fd(&job->root);
	close_fd(&job->wd);
	if (settle_proc(&job->req, f) != 0 || identity_settle(&job->identity, f) != 0 ||
	    child_guard(f) != 0)
		return -1;
	return settle_environment(job, f);
}

/* Executing our own program would put it in reach of those inside (sealed.h). */
static int inspect(void *context, const struct command *command, struct failure *f)
{
	struct job *job = context;

	if (job->is_sealed || !command_leads_to(command->path, &job->own, job->is_writable))
		return 0;
	failure_reason(f, "execute", command->path, "it leads to the program of ns-enter itself");
	failure_hint(f, "those inside could change that program; --sealed runs from a copy that "
			"they cannot change");
	f->status = EXIT_CANNOT_RUN;
	return -1;
}

/* A command that is there, but not inside. */
static void advise(void *context, struct failure *f)
{
	const struct job *job = context;

	if (f->status == EXIT_NOT_FOUND && job->is_outside)
		failure_hint(f,
			     "outside it is '%s'; inside, other files may be seen: see --root "
			     "and PATH",
			     job->outside.path);
}

static struct launch plan_launch(struct job *job)
{
	const struct request *req = &job->req;
	bool has_pid = (job->flags & CLONE_NEWPID) != 0;

	return (struct launch){
		.argv = &job->argv[job->operand],
		.shells = job->shells,
		.forks = req->launch.fork || (has_pid && !req->launch.no_fork),
		.other_pid_namespace = has_pid,
		.passes_sigchld = true,
		.request = &req->launch,
		.context = job,
		.settle = settle,
		.inspect = inspect,
		.advise = advise,
	};
}

/* What will work, but perhaps not as the user thinks. */
static void warn(const struct job *job)
{
	const struct request *req = &job->req;
	int flags = job->flags;

	if ((req->join.of_children & CLONE_NEWPID) != 0)
		message_note("process %d is not in the PID namespace of its children, which is "
			     "entered; see --exact",
			     (int)job->join.target.pid);
	if (flags == 0 && req->join.all)
		message_note("process %d is in all of your namespaces; none is entered",
			     (int)job->join.target.pid);
	if ((flags & CLONE_NEWPID) != 0 && req->launch.no_fork) {
		message_warning("the command itself stays in the old PID namespace; its children "
				"are in the new one");
		message_hint("--no-fork does that; leave it out");
	}
	if ((flags & CLONE_NEWPID) != 0 && (flags & CLONE_NEWNS) == 0 && req->mount_proc == NULL)
		message_note("the proc here is that of another PID namespace, and so is what ps "
			     "shows; see --mount and --mount-proc");
	if (req->ids.setuid != NULL && req->ids.setgid == NULL && (flags & CLONE_NEWUSER) == 0 &&
	    geteuid() == 0 && strcmp(req->ids.setuid, "0") != 0)
		message_warning("group %u and the supplementary groups are kept; see --setgid",
				(unsigned)getegid());
}

/* Only the root of the user namespace that owns the PID namespace may mount its proc. */
static int check_proc(const struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	int flags = job->flags;
	bool has_pid = (flags & CLONE_NEWPID) != 0;

	if (req->mount_proc == NULL || (flags & CLONE_NEWUSER) == 0 ||
	    (has_pid && !req->launch.no_fork))
		return 0;
	failure_reason(f, mnt_proc.verb, req->mount_proc,
		       "it would show the old PID namespace, to which the user namespace that is "
		       "entered has no right");
	failure_hint(f, "the command would not be in another PID namespace; %s",
		     has_pid ? "leave out --no-fork" : "add --pid (-p)");
	return -1;
}

static int prepare(struct job *job, struct failure *f)
{
	struct request *req = &job->req;
	bool needs_process = req->join_cgroup || req->follow_context || req->root == of_target ||
			     req->wd == of_target || req->env == ENV_TARGET;

	if (req->sealed && sealed_run(job->argv, f) != 0)
		return -1;
	if (joinplan_needs_operand(&req->join)) {
		req->join.target = job->argv[job->operand];
		if (req->join.target == NULL)
			return failure_option(f, "--target",
					      "is needed, or an operand: a process or namespace to "
					      "enter");
		job->operand++;
	}
	if (launch_check(&req->launch, f) != 0 ||
	    joinplan_choose(&req->join, needs_process, &job->join, f) != 0)
		return -1;
	job->flags = join_flags(&job->join);
	return check_proc(job, f) == 0 ? look_up(job, f) : -1;
}

int main(int argc, char *argv[])
{
	struct job job = { .argv = argv, .root = -1, .wd = -1 };
	struct failure f;
	struct launch launch;

	file_fill_standard();
	job.operand = opts_parse(&opts, argc, argv, &job.req);
	trace_start(job.req.what.verbose, job.req.what.dry_run);
	join_init(&job.join);
	if (prepare(&job, &f) != 0) {
		explain_proc(&f);
		return launch_refuse(&job.req.launch, &f);
	}
	warn(&job);
	launch = plan_launch(&job);
	if (launch_begin(&launch, &f) != 0 || enter(&job, &f) != 0)
		return launch_cancel(&launch, &f);
	return launch_command(&launch);
}
