/*
 * ns-unshare - leave namespaces for new ones, and run a command there
 *
 * SPDX-License-Identifier: MIT
 *
 * Order, and why:
 *
 *  1. Options are recorded, then checked; names, subordinate IDs, helpers, the
 *     shell and the files for namespaces are looked up.  Nothing is changed yet,
 *     and nothing is looked up later, when a name could mean something else.
 *  2. Signals are blocked and, where needed, a process is forked that stays
 *     outside: it alone has the right to write foreign IDs into the maps, and the
 *     old mount namespace to keep the new namespaces in.
 *  3. One unshare(2) for all types, so that the new user namespace owns the rest.
 *  4. Maps, setgroups first; clock offsets, which must precede the first process
 *     inside; propagation, which must precede every mount.
 *  5. The fork.  The child waits at the gate until the parent has kept the
 *     namespaces at their files: the command never runs after a reported failure.
 *  6. In the child: root, directory, mounts; the bounding set, groups, group, user,
 *     and the other sets of capabilities last, because each of these needs those
 *     before it.  The reasons are in mntplan.h and identity.h.
 *  7. The name of a pinned set, which others find from then on; until then its keeper
 *     ends with the tool.
 *  8. exec; until it succeeds the child dies with the parent, and what was made
 *     outside is undone.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "caps.h"
#include "check.h"
#include "child.h"
#include "cleanup.h"
#include "command.h"
#include "environment.h"
#include "explain.h"
#include "file.h"
#include "identity.h"
#include "idplan.h"
#include "kernel.h"
#include "launch.h"
#include "message.h"
#include "mntplan.h"
#include "nsset.h"
#include "opts.h"
#include "pinned.h"
#include "trace.h"
#include "unpin.h"
#include "users.h"
#include "uts.h"

enum { EXIT_DIFFERS = 1 }; /* of --check */

/* What the user asked for. */
struct request {
	bool all;
	struct opt_nstypes types;
	bool no_mount_proc;
	struct launch_request launch;
	bool forward_signals, init;
	const char *pin, *unpin;
	bool force;
	struct mntplan_request mounts;
	struct idplan_request ids;
	struct identity_request identity;
	struct opt_clock monotonic, boottime;
	bool no_loopback;
	const char *hostname, *domainname;
	int env;
	bool clear_env;
	struct opt_list whitelist_env;
	bool check, json;
	struct opts_request what;
};

enum { ENV_KEEP = 1, ENV_CLEAN };

static const struct opt_choice environments[] = {
	{ "keep", ENV_KEEP },
	{ "clean", ENV_CLEAN },
	{ 0 },
};

#define FIELD(member) .field = offsetof(struct request, member)

/* clang-format off */
static const struct opt table[] = {
	{ .kind = OPT_GROUP, .help = "New namespaces, each kept at FILE if that is given" },
	{ .kind = OPT_FLAG, .letter = 'a', .name = "all", .ours = true, FIELD(all),
	  .help = "all of these, made usable: mapped to root, forked, proc mounted, lo up" },
	{ .kind = OPT_NSTYPES, .optional = true, .arg = "FILE", FIELD(types) },
	{ .kind = OPT_WITHOUT, .ours = true, FIELD(types), .requires = "all\0",
	  .help = "leave TYPE, one of these long names, out of --all" },
	{ .kind = OPT_FLAG, .name = "no-mount-proc", .ours = true, FIELD(no_mount_proc),
	  .requires = "all\0", .excludes = "mount-proc\0",
	  .help = "leave the mount of proc out of --all" },
	{ .kind = OPT_FLAG, .name = "no-loopback", .ours = true, FIELD(no_loopback),
	  .help = "leave lo down in a new network namespace" },

	{ .kind = OPT_TABLE, .table = launch_options, FIELD(launch),
	  .peers = "fork\0kill-child\0" },
	{ .kind = OPT_FLAG, .name = "init", .ours = true, FIELD(init), .implies = "fork\0pid\0",
	  .excludes = "no-fork\0",
	  .help = "make PID 1 a small process that reaps orphans, the command PID 2" },
	{ .kind = OPT_FLAG, .name = "forward-signals", FIELD(forward_signals), .implies = "fork\0",
	  .excludes = "no-fork\0",
	  .help = "accepted for unshare's sake: signals are always forwarded" },

	{ .kind = OPT_GROUP, .help = "Pinned sets" },
	{ .kind = OPT_TEXT, .name = "pin", .arg = "NAME", .ours = true, FIELD(pin),
	  .implies = "fork\0", .excludes = "no-fork\0init\0owner\0",
	  .help = "keep the namespaces under NAME; run COMMAND there only if it is given" },
	{ .kind = OPT_TEXT, .name = "unpin", .arg = "SET", .ours = true, FIELD(unpin),
	  .only = "force\0verbose\0dry-run\0", .help = "end this pinned set" },
	{ .kind = OPT_FLAG, .name = "force", .ours = true, FIELD(force), .requires = "unpin\0",
	  .help = "even if others are in its PID namespace, who end with it" },

	{ .kind = OPT_TABLE, .table = mntplan_options, FIELD(mounts) },
	{ .kind = OPT_TABLE, .table = idplan_options, FIELD(ids) },
	{ .kind = OPT_TABLE, .table = identity_options, FIELD(identity) },

	{ .kind = OPT_GROUP, .help = "Clocks, names, environment" },
	{ .kind = OPT_CLOCK, .name = "monotonic", .arg = "OFFSET", FIELD(monotonic),
	  .help = "add OFFSET (seconds, or as -1d12h) to the monotonic clock; "
		  "=OFFSET is what it begins with" },
	{ .kind = OPT_CLOCK, .name = "boottime", .arg = "OFFSET", FIELD(boottime),
	  .help = "the same for the clock of the time since boot" },
	{ .kind = OPT_TEXT, .name = "hostname", .arg = "NAME", .ours = true, FIELD(hostname),
	  .implies = "uts\0", .help = "set the host name (implies --uts)" },
	{ .kind = OPT_TEXT, .name = "domainname", .arg = "NAME", .ours = true, FIELD(domainname),
	  .implies = "uts\0", .help = "set the NIS domain name (implies --uts)" },
	{ .kind = OPT_CHOICE, .name = "env", .arg = "MODE", .ours = true, .choices = environments,
	  FIELD(env), .excludes = "clear-env\0",
	  .help = "keep (default), or clean: as at a login of the user that the command is" },
	{ .kind = OPT_FLAG, .name = "clear-env", FIELD(clear_env),
	  .help = "run the command with an empty environment" },
	{ .kind = OPT_LIST, .name = "whitelist-env", .arg = "NAMES", FIELD(whitelist_env),
	  .help = "leave only these variables, a comma-separated list; may be repeated" },

	{ .kind = OPT_GROUP, .help = "Instead of a command" },
	{ .kind = OPT_FLAG, .name = "check", .ours = true, FIELD(check), .only = "json\0",
	  .help = "try what works here and now, and say why what does not" },
	{ .kind = OPT_FLAG, .name = "json", .ours = true, FIELD(json), .requires = "check\0",
	  .help = "the same as JSON" },

	{ .kind = OPT_TABLE, .table = opts_narration, FIELD(what) },
	{ .kind = OPT_END },
};
/* clang-format on */

static const struct opts opts = {
	.operands = "[COMMAND [ARGUMENT...]]",
	.summary = "Run COMMAND (default: your shell) in new namespaces.",
	.table = table,
};

/* The flags of --all that the kernel has. */
static int existing_types(void)
{
	int flags = 0;

	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		flags |= nstype_exists(&nstypes[i]) ? nstypes[i].flag : 0;
	return flags;
}

/* What main() passes down: the request, where its operands are, and what is being made. */
struct job {
	struct request req;
	struct nsset_plan plan;
	struct mntplan mounts;
	struct identity identity;
	struct user user; /* that the command will be, for --env=clean */
	const char *shells[2];
	struct nsset set;
	struct pinning pinning;
	char **argv;
	int operand;
};

/* The types that other options need, although they do not imply them. */
static int needed_types(const struct request *req)
{
	return (req->monotonic.given || req->boottime.given ? CLONE_NEWTIME : 0) |
	       (req->mounts.sys != NULL ? CLONE_NEWNET : 0);
}

/* --all: what the other options could have asked for, one by one. */
static void complete_all(struct job *job)
{
	const int of_proc = CLONE_NEWNS | CLONE_NEWPID;
	struct request *req = &job->req;
	int existing = existing_types();

	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((nstypes[i].flag & ~(existing | req->types.without | req->types.flags)) != 0)
			message_note("this kernel has no %s namespaces; they are left out",
				     nstypes[i].name);
	job->plan.optional = existing & ~(req->types.flags | needed_types(req));
	req->types.flags |= existing & ~req->types.without;
	req->launch.fork = !req->launch.no_fork;
	if ((req->types.flags & CLONE_NEWUSER) != 0)
		idplan_map_to_root(&req->ids);
	if ((req->types.flags & of_proc) == of_proc && req->launch.fork && !req->no_mount_proc &&
	    req->mounts.proc == NULL) {
		req->mounts.proc = mnt_proc.usual;
		job->mounts.proc_is_optional = true;
	}
}

/* The maps, and who the command is in them. */
static int plan_ids(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	const struct identity *identity = &job->identity;
	bool inside = (job->plan.flags & CLONE_NEWUSER) != 0;

	if (idplan_make(&job->plan.ids, &req->ids, f) != 0) {
		explain_proc(f);
		return -1;
	}
	if (identity_make(&job->identity, &req->identity, inside, f) != 0)
		return -1;
	if (!inside)
		return 0;
	if ((identity->has_uid && idplan_check_user(&job->plan.ids, identity->uid, f) != 0) ||
	    (identity->has_gid && idplan_check_group(&job->plan.ids, identity->gid, f) != 0))
		return -1;
	return 0;
}

static int plan_environment(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	autofd root = -1;
	uint32_t uid = req->ids.owner.given ? req->ids.owner.uid : geteuid();

	for (size_t i = 0; i < req->whitelist_env.count; i++)
		if (strchr(req->whitelist_env.text[i], '=') != NULL)
			return failure_option(f, "--whitelist-env",
					      "'%s' is not a list of variable names",
					      req->whitelist_env.text[i]);
	if (req->env != ENV_CLEAN)
		return 0;
	if ((job->plan.flags & CLONE_NEWUSER) != 0)
		uid = idmap_to_inner(&job->plan.ids.uids, uid);
	if (req->mounts.root != NULL) {
		root = open(req->mounts.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root < 0)
			return failure_errno(f, "change root to", req->mounts.root);
	}
	users_find(root, req->identity.setuid.given ? req->identity.setuid.id : uid, &job->user);
	return 0;
}

static int check_clock(const char *option, const struct opt_clock *clock,
		       const struct nsset_plan *plan, struct failure *f)
{
	if (!clock->given || (plan->flags & CLONE_NEWTIME) != 0)
		return 0;
	return failure_option(f, option, "needs '--time'");
}

static int check_request(const struct request *req, const struct nsset_plan *plan,
			 struct failure *f)
{
	if ((req->hostname != NULL && uts_check(&uts_host, "--hostname", req->hostname, f) != 0) ||
	    (req->domainname != NULL &&
	     uts_check(&uts_domain, "--domainname", req->domainname, f) != 0) ||
	    launch_check(&req->launch, f) != 0 ||
	    check_clock("--monotonic", &req->monotonic, plan, f) != 0 ||
	    check_clock("--boottime", &req->boottime, plan, f) != 0)
		return -1;
	if (req->no_mount_proc && mntplan_needs_proc(&req->mounts))
		return failure_option(f, "--no-mount-proc",
				      "without proc '--mount-binfmt' needs a directory");
	return 0;
}

static int plan_pins(const struct request *req, struct nsset_plan *plan, struct failure *f)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (req->types.file[i] != NULL &&
		    nsset_add_pin(plan, &nstypes[i], req->types.file[i], f) != 0)
			return -1;
	return 0;
}

/* What is only for a command would be lost without one. */
static int plan_pinning(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	const struct launch_request *launch = &req->launch;
	const struct {
		bool given;
		const char *option;
	} idle[] = {
		{ launch->detach, "--detach" },
		{ launch->new_session, "--new-session" },
		{ launch->kill_child != 0, "--kill-child" },
		{ launch->pid_file != NULL, "--pid-file" },
		{ launch->ready_fd.given, "--ready-fd" },
		{ launch->wait_fd.given, "--wait-fd" },
	};

	if (req->pin == NULL)
		return 0;
	if (req->mounts.root != NULL && !req->mounts.pivot)
		return failure_option(f, "--pin",
				      "who enters does not get '--root'; add '--pivot'");
	for (size_t i = 0; job->argv[job->operand] == NULL && i < sizeof(idle) / sizeof(idle[0]);
	     i++)
		if (idle[i].given)
			return failure_option(f, idle[i].option, "needs a command beside '--pin'");
	return pinned_prepare(&job->pinning, req->pin, f);
}

/* The whole request, checked, as plans. */
static int make_plan(struct job *job, struct failure *f)
{
	struct request *req = &job->req;
	struct nsset_plan *plan = &job->plan;

	if (req->all)
		complete_all(job);
	plan->without = req->types.without;
	plan->flags = req->types.flags;
	plan->forks = req->launch.fork ||
		      ((plan->flags & CLONE_NEWPID) != 0 && !req->launch.no_fork);
	plan->monotonic.asked = req->monotonic;
	plan->boottime.asked = req->boottime;
	plan->loopback = (plan->flags & CLONE_NEWNET) != 0 && !req->no_loopback;
	plan->hostname = req->hostname;
	plan->domainname = req->domainname;
	job->mounts.without = req->types.without;
	if (check_request(req, plan, f) != 0 || mntplan_make(&job->mounts, &req->mounts, f) != 0 ||
	    mntplan_check_rights(&job->mounts, plan->flags, plan->forks, f) != 0 ||
	    plan_ids(job, f) != 0 || plan_environment(job, f) != 0 ||
	    plan_pins(req, plan, f) != 0 || plan_pinning(job, f) != 0)
		return -1;
	plan->propagation = job->mounts.propagation;
	return nsset_prepare(plan, f);
}

/* What will work, but perhaps not as the user thinks. */
static void warn(const struct job *job)
{
	const struct request *req = &job->req;
	const struct nsset_plan *plan = &job->plan;
	bool is_no_pid = (plan->flags & CLONE_NEWPID) == 0;
	struct statfs fs;

	if (!is_no_pid && !plan->forks) {
		message_warning(
			"the command's first child is PID 1: when it ends, no other process "
			"can be made");
		message_hint("--no-fork leaves the command itself in the old PID namespace; "
			     "leave it out");
	}
	if (req->pin != NULL && plan->flags == 0)
		message_warning("no type was asked for: the set '%s' has no namespace of its own",
				req->pin);
	if (req->identity.setuid.given && !req->identity.setgid.given &&
	    req->identity.setuid.id != 0 && geteuid() == 0)
		message_warning("group %u and the supplementary groups are kept; see --setgid",
				(unsigned)getegid());
	if (job->mounts.proc != NULL && mntplan_shows_old(&mnt_proc, plan->flags, plan->forks))
		message_warning("this proc shows the old PID namespace; see --%s",
				is_no_pid ? "pid" : "fork");
	if (job->mounts.sys != NULL && mntplan_shows_old(&mnt_sys, plan->flags, plan->forks))
		message_warning("this sysfs shows the old network namespace; see --net");
	for (size_t i = 0; i < plan->pins; i++)
		if (statfs(plan->pin[i].file, &fs) == 0 && fs.f_type == KERNEL_NSFS_MAGIC)
			message_warning("'%s' keeps a namespace already, which is covered",
					plan->pin[i].file);
}

static int prepare(void *context, struct failure *f)
{
	struct job *job = context;

	return nsset_keep_pins(&job->set, f);
}

static void leave_to_parent(void *context)
{
	struct job *job = context;

	nsset_leave_to_parent(&job->set);
}

static int set_environment(const struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	const struct opt_list *kept = &req->whitelist_env;

	if (req->env == ENV_CLEAN)
		return environment_clean(&job->user, kept->text, kept->count, f);
	if (req->clear_env || kept->count > 0)
		environment_keep_only(kept->text, kept->count);
	return 0;
}

/* For a dry run: what the kernel would refuse (capabilities(7)). */
static int check_settle(const struct job *job, struct failure *f)
{
	bool inside = (job->plan.flags & CLONE_NEWUSER) != 0;

	if (mntplan_check(&job->mounts, f) != 0)
		return -1;
	errno = EPERM;
	if (job->mounts.root != NULL && !inside && !caps_have(CAP_SYS_CHROOT)) {
		failure_errno(f, "change root to", job->mounts.root);
		explain_privilege(f, CAP_SYS_CHROOT, "CAP_SYS_CHROOT");
		return -1;
	}
	return inside ? 0 : identity_check(&job->identity, f);
}

/* Inside the new namespaces: everything between the fork and the exec. */
static int settle(void *context, struct failure *f)
{
	const struct job *job = context;
	int directories;

	if (job->req.what.dry_run && check_settle(job, f) != 0)
		return -1;
	directories = job->mounts.pivot && !job->req.what.dry_run ? child_close_directories() : 0;
	if (directories < 0)
		return failure_errno(f, "look for directories that are open in", "/proc/self/fd");
	if (directories > 0)
		message_note("the command does not get %d open director%s of the old root",
			     directories, directories == 1 ? "y" : "ies");
	if (mntplan_settle(&job->mounts, f) != 0 || identity_settle(&job->identity, f) != 0)
		return -1;
	return set_environment(job, f);
}

/* "--mount FILE": the value of an optional argument wants "=". */
static void advise(void *context, struct failure *f)
{
	const struct job *job = context;
	const char *option = job->argv[job->operand - 1], *operand = job->argv[job->operand];

	for (size_t i = 0; i < NSTYPE_COUNT && operand != NULL; i++) {
		bool is_this =
			(strncmp(option, "--", 2) == 0 &&
			 strcmp(option + 2, nstypes[i].option) == 0) ||
			(option[0] == '-' && option[1] == nstypes[i].letter && option[2] == '\0');

		if (is_this && access(operand, F_OK) == 0 && access(operand, X_OK) != 0)
			failure_hint(f, "'%s' is taken for the command; did you mean '--%s=%s'?",
				     operand, nstypes[i].option, operand);
	}
}

/* All is set up: from here on others find it. */
static int publish(void *context, pid_t keeper, struct failure *f)
{
	struct job *job = context;

	return pinned_enter(&job->pinning, keeper, f);
}

static void commit(void *context)
{
	struct job *job = context;

	nsset_commit(&job->set);
}

static void abandon(void *context)
{
	struct job *job = context;

	nsset_abandon(&job->set);
	if (job->pinning.dir >= 0)
		pinned_remove(&job->pinning);
}

static struct launch plan_launch(struct job *job)
{
	const struct request *req = &job->req;
	char *const *command = &job->argv[job->operand];

	if (command[0] == NULL)
		job->shells[0] = req->env == ENV_CLEAN ? job->user.shell : command_shell();
	return (struct launch){
		.argv = command,
		.shells = job->shells,
		.root = job->mounts.root,
		.forks = job->plan.forks,
		.guarded = job->mounts.pivot || job->identity.caps.only ||
			   job->identity.caps.drop != 0,
		.new_pid_namespace = (job->plan.flags & CLONE_NEWPID) != 0,
		.other_pid_namespace = (job->plan.flags & CLONE_NEWPID) != 0,
		.init = req->init,
		.keeps = req->pin != NULL,
		.may_trace = caps_have(CAP_SYS_PTRACE),
		.request = &req->launch,
		.context = job,
		.prepare = prepare,
		.publish = publish,
		.leave = leave_to_parent,
		.settle = settle,
		.advise = advise,
		.commit = commit,
		.abandon = abandon,
	};
}

/* --unpin, which is all that is done. */
static int end_set(const struct job *job)
{
	const struct request *req = &job->req;
	struct failure f;
	bool stale;

	if (job->argv[job->operand] != NULL) {
		failure_option(&f, "--unpin", "takes no command: '%s'", job->argv[job->operand]);
		return message_failure(&f);
	}
	if (unpin(req->unpin, req->force, &stale, &f) != 0)
		return message_failure(&f);
	if (stale)
		message_note("'%s' had ended already", req->unpin);
	return EXIT_SUCCESS;
}

static int check(const struct job *job)
{
	struct failure f;
	bool works;

	if (job->argv[job->operand] != NULL) {
		failure_option(&f, "--check", "takes no command");
		return message_failure(&f);
	}
	works = check_print(job->req.json, stdout);
	opts_finish_output();
	return works ? EXIT_SUCCESS : EXIT_DIFFERS;
}

int main(int argc, char *argv[])
{
	struct job job = { .argv = argv, .set = { .proc = -1, .outside = -1 }, .pinning.dir = -1 };
	struct failure f;
	struct launch launch;

	file_fill_standard();
	job.operand = opts_parse(&opts, argc, argv, &job.req);
	if (job.req.check)
		return check(&job);
	trace_start(job.req.what.verbose, job.req.what.dry_run);
	if (job.req.unpin != NULL)
		return end_set(&job);
	if (make_plan(&job, &f) != 0)
		return launch_refuse(&job.req.launch, &f);
	warn(&job);
	launch = plan_launch(&job);
	if (launch_begin(&launch, &f) != 0 || nsset_create(&job.set, &job.plan, &f) != 0)
		return launch_cancel(&launch, &f);
	return launch_command(&launch);
}
