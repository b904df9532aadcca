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
	const char *mount_proc, *mount_sys, *mount_binfmt, *load_interp;
	int propagation;
	const char *root, *wd;
	bool pivot;
	const char *map_user, *map_group;
	struct opt_list map_users, map_groups;
	struct opt_owner owner;
	int setgroups;
	struct opt_id setuid, setgid;
	bool keep_caps;
	struct opt_list caps, drop_caps;
	bool no_new_privs;
	struct opt_clock monotonic, boottime;
	bool no_loopback;
	const char *hostname, *domainname;
	int env;
	bool clear_env;
	struct opt_list whitelist_env;
	bool check, json;
	struct opts_request what;
};

/* Its address tells that no directory was given. */
static const char binfmt_default[] = MNTPLAN_BINFMT;

enum { ENV_KEEP = 1, ENV_CLEAN };

static const struct opt_choice environments[] = {
	{ "keep", ENV_KEEP },
	{ "clean", ENV_CLEAN },
	{ 0 },
};

static const struct opt_choice propagations[] = {
	{ "private", MNT_PRIVATE },
	{ "slave", MNT_SLAVE },
	{ "shared", MNT_SHARED },
	{ "unchanged", MNT_UNCHANGED },
	{ 0 },
};

static const struct opt_choice setgroups_choices[] = {
	{ "allow", SETGROUPS_ALLOW },
	{ "deny", SETGROUPS_DENY },
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
	{ .kind = OPT_TEXT, .name = "unpin", .arg = "NAME", .ours = true, FIELD(unpin),
	  .only = "force\0verbose\0dry-run\0", .help = "end the set NAME" },
	{ .kind = OPT_FLAG, .name = "force", .ours = true, FIELD(force), .requires = "unpin\0",
	  .help = "even if others are in its PID namespace, who end with it" },

	{ .kind = OPT_GROUP, .help = "Files and directories" },
	{ .kind = OPT_TEXT, .name = "mount-proc", .arg = "DIR", .optional = true,
	  .fallback = "/proc", FIELD(mount_proc), .implies = "mount\0",
	  .help = "mount proc on DIR (/proc)" },
	{ .kind = OPT_TEXT, .name = "mount-sys", .arg = "DIR", .optional = true, .ours = true,
	  .fallback = "/sys", FIELD(mount_sys), .implies = "mount\0",
	  .help = "mount the sysfs of the network namespace on DIR (/sys)" },
	{ .kind = OPT_TEXT, .name = "mount-binfmt", .arg = "DIR", .optional = true,
	  .fallback = binfmt_default, FIELD(mount_binfmt), .implies = "mount\0user\0",
	  .help = "mount binfmt_misc on DIR (/proc/sys/fs/binfmt_misc)" },
	{ .kind = OPT_TEXT, .letter = 'l', .name = "load-interp", .arg = "STRING",
	  FIELD(load_interp), .implies = "mount\0user\0",
	  .help = "register an interpreter, :name:type:offset:magic:mask:interpreter:flags" },
	{ .kind = OPT_CHOICE, .name = "propagation", .arg = "MODE", .choices = propagations,
	  FIELD(propagation),
	  .help = "of mounts in a new mount namespace: private (default), slave, shared, unchanged" },
	{ .kind = OPT_TEXT, .letter = 'R', .name = "root", .arg = "DIR", FIELD(root),
	  .help = "change the root directory, and go there" },
	{ .kind = OPT_FLAG, .name = "pivot", .ours = true, FIELD(pivot), .implies = "mount\0",
	  .requires = "root\0",
	  .help = "change the root so that the old one is nowhere any more" },
	{ .kind = OPT_TEXT, .letter = 'w', .name = "wd", .arg = "DIR", FIELD(wd),
	  .help = "change the working directory, inside the new root" },

	{ .kind = OPT_GROUP, .help = "Users, groups and capabilities" },
	{ .kind = OPT_ALIAS, .letter = 'r', .name = "map-root-user",
	  .implies = "user\0map-user=0\0map-group=0\0",
	  .help = "map the caller to root" },
	{ .kind = OPT_ALIAS, .letter = 'c', .name = "map-current-user",
	  .implies = "user\0map-user=" IDPLAN_OWN "\0map-group=" IDPLAN_OWN "\0",
	  .help = "map the caller to itself" },
	{ .kind = OPT_TEXT, .name = "map-user", .arg = "USER", FIELD(map_user), .implies = "user\0",
	  .help = "map the caller to this user, a name or a number" },
	{ .kind = OPT_TEXT, .name = "map-group", .arg = "GROUP", FIELD(map_group),
	  .implies = "user\0", .help = "map the caller's group to this group" },
	{ .kind = OPT_LIST, .name = "map-users", .arg = "MAP", FIELD(map_users),
	  .implies = "user\0",
	  .help = "map users: INNER:OUTER:COUNT, auto, subids or all; may be repeated" },
	{ .kind = OPT_LIST, .name = "map-groups", .arg = "MAP", FIELD(map_groups),
	  .implies = "user\0", .help = "the same for groups" },
	{ .kind = OPT_ALIAS, .name = "map-auto",
	  .implies = "user\0map-users=auto\0map-groups=auto\0",
	  .help = "map the caller's subordinate IDs from 0 on" },
	{ .kind = OPT_ALIAS, .name = "map-subids",
	  .implies = "user\0map-users=subids\0map-groups=subids\0",
	  .help = "map the caller's subordinate IDs to themselves" },
	{ .kind = OPT_OWNER, .name = "owner", .arg = "UID:GID", FIELD(owner), .implies = "user\0",
	  .help = "make this user the owner of the user namespace" },
	{ .kind = OPT_CHOICE, .name = "setgroups", .arg = "WORD", .choices = setgroups_choices,
	  FIELD(setgroups), .help = "allow or deny setgroups(2) in the user namespace" },
	{ .kind = OPT_ID, .letter = 'S', .name = "setuid", .arg = "UID", FIELD(setuid),
	  .help = "run the command as this user" },
	{ .kind = OPT_ID, .letter = 'G', .name = "setgid", .arg = "GID", FIELD(setgid),
	  .help = "run it as this group, without supplementary groups" },
	{ .kind = OPT_FLAG, .name = "keep-caps", FIELD(keep_caps),
	  .help = "keep the capabilities of the user namespace in the command" },
	{ .kind = OPT_LIST, .name = "caps", .arg = "CAPS", .ours = true, FIELD(caps),
	  .help = "leave the command these capabilities, whoever it is, and no others" },
	{ .kind = OPT_LIST, .name = "drop-caps", .arg = "CAPS", .ours = true, FIELD(drop_caps),
	  .help = "take these capabilities from the command for good" },
	{ .kind = OPT_FLAG, .name = "no-new-privs", .ours = true, FIELD(no_new_privs),
	  .help = "let the command gain no privilege by what it executes" },

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
	{ .kind = OPT_FLAG, .name = "check", .ours = true, FIELD(check),
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

static bool has_map(const struct request *req)
{
	return req->map_user != NULL || req->map_group != NULL || req->map_users.count > 0 ||
	       req->map_groups.count > 0;
}

/* Who may map every ID does; another becomes root alone. */
static void map_to_root(struct request *req)
{
	if (geteuid() == 0 && caps_have(CAP_SETUID) && caps_have(CAP_SETGID)) {
		req->map_users.text[req->map_users.count++] = "all";
		req->map_groups.text[req->map_groups.count++] = "all";
	} else {
		req->map_user = req->map_group = "0";
	}
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
	       (req->mount_sys != NULL ? CLONE_NEWNET : 0);
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
	if ((req->types.flags & CLONE_NEWUSER) != 0 && !has_map(req))
		map_to_root(req);
	if ((req->types.flags & of_proc) == of_proc && req->launch.fork && !req->no_mount_proc &&
	    req->mount_proc == NULL) {
		req->mount_proc = "/proc";
		job->mounts.proc_is_optional = true;
	}
}

/* --load-interp and --mount-binfmt without a directory need proc, as in unshare(1). */
static void complete_request(struct job *job)
{
	struct request *req = &job->req;

	if (req->all)
		complete_all(job);
	if (req->load_interp != NULL && req->mount_binfmt == NULL)
		req->mount_binfmt = binfmt_default;
	if (req->mount_binfmt == binfmt_default && req->mount_proc == NULL)
		req->mount_proc = "/proc";
	if (req->propagation == 0)
		req->propagation = MNT_PRIVATE;
}

static int plan_ids(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	struct nsset_plan *plan = &job->plan;
	bool only_one = req->map_groups.count == 0 && !req->owner.given;

	plan->has_owner = req->owner.given;
	plan->owner_uid = req->owner.uid;
	plan->owner_gid = req->owner.gid;
	plan->ranges = req->map_users.count > 0 || req->map_groups.count > 0;
	if (idplan_map(&idmap_users, &req->map_users, req->map_user, &plan->uids, f) != 0 ||
	    idplan_map(&idmap_groups, &req->map_groups, req->map_group, &plan->gids, f) != 0) {
		explain_proc(f);
		return -1;
	}
	plan->setgroups = (enum idmap_setgroups)req->setgroups;
	if (idplan_setgroups(&plan->gids, only_one, &plan->setgroups, f) != 0)
		return -1;
	if ((plan->flags & CLONE_NEWUSER) == 0)
		return 0;
	if (idplan_check_mapped(&idmap_users, &plan->uids, &req->setuid, f) != 0 ||
	    idplan_check_mapped(&idmap_groups, &plan->gids, &req->setgid, f) != 0)
		return -1;
	if (req->setgid.given && plan->setgroups == SETGROUPS_DENY)
		return failure_reason(f, "drop the supplementary groups", NULL,
				      "setgroups is denied in the new user namespace");
	return 0;
}

static int parse_caps(const char *option, const struct opt_list *lists, uint64_t *set,
		      struct failure *f)
{
	for (size_t i = 0; i < lists->count; i++)
		if (caps_parse(option, lists->text[i], set, f) != 0)
			return -1;
	return 0;
}

static int plan_identity(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;

	job->identity = (struct identity){
		.has_uid = req->setuid.given,
		.uid = req->setuid.id,
		.has_gid = req->setgid.given,
		.gid = req->setgid.id,
		.caps.keep = req->keep_caps && (job->plan.flags & CLONE_NEWUSER) != 0,
		.caps.only = req->caps.count > 0,
		.caps.all_held = (job->plan.flags & CLONE_NEWUSER) != 0,
		.no_new_privs = req->no_new_privs,
	};
	if (parse_caps("--caps", &req->caps, &job->identity.caps.set, f) != 0)
		return -1;
	return parse_caps("--drop-caps", &req->drop_caps, &job->identity.caps.drop, f);
}

static int plan_environment(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	autofd root = -1;
	uint32_t uid = req->owner.given ? req->owner.uid : geteuid();

	for (size_t i = 0; i < req->whitelist_env.count; i++)
		if (strchr(req->whitelist_env.text[i], '=') != NULL)
			return failure_option(f, "--whitelist-env",
					      "'%s' is not a list of variable names",
					      req->whitelist_env.text[i]);
	if (req->env != ENV_CLEAN)
		return 0;
	if ((job->plan.flags & CLONE_NEWUSER) != 0)
		uid = idmap_to_inner(&job->plan.uids, uid);
	if (req->root != NULL) {
		root = open(req->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root < 0)
			return failure_errno(f, "change root to", req->root);
	}
	users_find(root, req->setuid.given ? req->setuid.id : uid, &job->user);
	return 0;
}

static int check_clock(const char *option, const struct opt_clock *clock,
		       const struct nsset_plan *plan, struct failure *f)
{
	if (!clock->given || (plan->flags & CLONE_NEWTIME) != 0)
		return 0;
	return failure_option(f, option, "needs '--time'");
}

/* Unmounting the old root, or a mount on it, would reach the mounts that share it. */
static int check_pivot(const struct request *req, struct failure *f)
{
	struct stat root, old;

	if (!req->pivot)
		return 0;
	if (req->propagation != MNT_PRIVATE && req->propagation != MNT_SLAVE)
		return failure_option(f, "--pivot", "needs mounts that are private, or slaves");
	if (stat(req->root, &root) == 0 && stat("/", &old) == 0 && root.st_dev == old.st_dev &&
	    root.st_ino == old.st_ino)
		return failure_reason(f, "change root to", req->root, "it is the root already");
	return 0;
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
	if (req->no_mount_proc && req->mount_binfmt == binfmt_default)
		return failure_option(f, "--no-mount-proc",
				      "without proc '--mount-binfmt' needs a directory");
	return check_pivot(req, f);
}

static int plan_pins(const struct request *req, struct nsset_plan *plan, struct failure *f)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (req->types.file[i] != NULL &&
		    nsset_add_pin(plan, &nstypes[i], req->types.file[i], f) != 0)
			return -1;
	return 0;
}

static void plan_mounts(struct job *job)
{
	const struct request *req = &job->req;

	job->mounts = (struct mntplan){
		.without = req->types.without,
		.proc_is_optional = job->mounts.proc_is_optional,
		.propagation = (enum mnt_propagation)req->propagation,
		.root = req->root,
		.pivot = req->pivot,
		.wd = req->wd,
		.proc = req->mount_proc,
		.sys = req->mount_sys,
		.binfmt = req->mount_binfmt,
		.interpreter = req->load_interp,
	};
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
	if (req->root != NULL && !req->pivot)
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

	complete_request(job);
	plan->without = req->types.without;
	plan->flags = req->types.flags;
	plan->forks = req->launch.fork ||
		      ((plan->flags & CLONE_NEWPID) != 0 && !req->launch.no_fork);
	plan->monotonic.asked = req->monotonic;
	plan->boottime.asked = req->boottime;
	plan->propagation = (enum mnt_propagation)req->propagation;
	plan->loopback = (plan->flags & CLONE_NEWNET) != 0 && !req->no_loopback;
	plan->hostname = req->hostname;
	plan->domainname = req->domainname;
	plan_mounts(job);
	if (check_request(req, plan, f) != 0 ||
	    mntplan_check_rights(&job->mounts, plan->flags, plan->forks, f) != 0 ||
	    plan_ids(job, f) != 0 || plan_identity(job, f) != 0 || plan_environment(job, f) != 0 ||
	    plan_pins(req, plan, f) != 0 || plan_pinning(job, f) != 0)
		return -1;
	return nsset_prepare(plan, f);
}

/* What will work, but perhaps not as the user thinks. */
static void warn(const struct request *req, const struct nsset_plan *plan)
{
	bool is_no_pid = (plan->flags & CLONE_NEWPID) == 0;
	struct statfs fs;

	if (!is_no_pid && !plan->forks) {
		message_warning(
			"the command's first child is PID 1: when it ends, no other process "
			"can be made");
		message_hint("--no-fork leaves the command itself in the old PID namespace; "
			     "leave it out");
	}
	if (req->setuid.given && !req->setgid.given && req->setuid.id != 0 && geteuid() == 0)
		message_warning("group %u and the supplementary groups are kept; see --setgid",
				(unsigned)getegid());
	if (req->mount_proc != NULL && mntplan_shows_old(&mnt_proc, plan->flags, plan->forks))
		message_warning("this proc shows the old PID namespace; see --%s",
				is_no_pid ? "pid" : "fork");
	if (req->mount_sys != NULL && mntplan_shows_old(&mnt_sys, plan->flags, plan->forks))
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
	if (job->req.root != NULL && !inside && !caps_have(CAP_SYS_CHROOT))
		return failure_errno(f, "change root to", job->req.root);
	return inside ? 0 : identity_check(&job->identity, f);
}

/* Inside the new namespaces: everything between the fork and the exec. */
static int settle(void *context, struct failure *f)
{
	const struct job *job = context;
	int directories;

	if (job->req.what.dry_run && check_settle(job, f) != 0)
		return -1;
	directories = job->req.pivot && !job->req.what.dry_run ? child_close_directories() : 0;
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
		.root = req->root,
		.forks = job->plan.forks,
		.guarded = req->pivot || job->identity.caps.only || job->identity.caps.drop != 0,
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

/* What other options ask for is not what is tried; they may be abbreviated. */
static bool stands_alone(const struct job *job)
{
	for (int i = 1; i < job->operand; i++) {
		const char *option = job->argv[i];
		size_t length = strlen(option);

		if (strncmp(option, "--check", length) != 0 &&
		    strncmp(option, "--json", length) != 0)
			return false;
	}
	return true;
}

static int check(const struct job *job)
{
	struct failure f = { 0 };
	bool works;

	if (job->argv[job->operand] != NULL)
		failure_option(&f, "--check", "takes no command");
	else if (!stands_alone(job))
		failure_option(&f, "--check", "stands alone, or beside '--json'");
	if (f.status != 0)
		return message_failure(&f);
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
	warn(&job.req, &job.plan);
	launch = plan_launch(&job);
	if (launch_begin(&launch, &f) != 0 || nsset_create(&job.set, &job.plan, &f) != 0)
		return launch_cancel(&launch, &f);
	return launch_command(&launch);
}
