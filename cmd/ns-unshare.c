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
 *  6. In the child: root, directory, proc, then groups, group, user, and the
 *     capabilities last, because each of these needs those before it.
 *  7. exec; until it succeeds the child dies with the parent, and what was made
 *     outside is undone.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "caps.h"
#include "command.h"
#include "creds.h"
#include "environment.h"
#include "explain.h"
#include "file.h"
#include "idplan.h"
#include "kernel.h"
#include "launch.h"
#include "message.h"
#include "mnt.h"
#include "nsset.h"
#include "opts.h"
#include "trace.h"

/* What the user asked for. */
struct request {
	struct opt_nstypes types;
	bool fork, no_fork, forward_signals;
	int kill_child;
	bool init, detach, new_session;
	const char *log, *pid_file;
	struct opt_fd ready_fd, wait_fd;
	const char *mount_proc, *mount_binfmt, *load_interp;
	int propagation;
	const char *root, *wd;
	const char *map_user, *map_group;
	struct opt_list map_users, map_groups;
	struct opt_owner owner;
	int setgroups;
	struct opt_id setuid, setgid;
	bool keep_caps;
	struct opt_seconds monotonic, boottime;
	bool no_loopback;
	const char *hostname;
	bool clear_env;
	struct opt_list whitelist_env;
	bool verbose, dry_run;
};

static const char binfmt_default[] = "/proc/sys/fs/binfmt_misc";

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
	{ .kind = OPT_NSTYPES, .optional = true, .arg = "FILE", FIELD(types) },

	{ .kind = OPT_GROUP, .help = "The command as a child" },
	{ .kind = OPT_FLAG, .letter = 'f', .name = "fork", FIELD(fork),
	  .help = "run the command as a child (implied by --pid)" },
	{ .kind = OPT_FLAG, .letter = 'F', .name = "no-fork", .ours = true, FIELD(no_fork),
	  .excludes = "fork\0kill-child\0forward-signals\0init\0detach\0new-session\0"
		      "ready-fd\0pid-file\0wait-fd\0",
	  .help = "become the command, even with --pid" },
	{ .kind = OPT_SIGNAL, .name = "kill-child", .arg = "SIGNAL", .optional = true,
	  FIELD(kill_child), .implies = "fork\0",
	  .help = "send SIGNAL (KILL) to the command when ns-unshare dies" },
	{ .kind = OPT_FLAG, .name = "forward-signals", FIELD(forward_signals), .implies = "fork\0",
	  .help = "accepted for unshare's sake: signals are always forwarded" },
	{ .kind = OPT_FLAG, .name = "init", .ours = true, FIELD(init), .implies = "fork\0pid\0",
	  .help = "make PID 1 a small process that reaps orphans, the command PID 2" },
	{ .kind = OPT_FLAG, .letter = 'd', .name = "detach", .ours = true, FIELD(detach),
	  .implies = "fork\0", .excludes = "kill-child\0",
	  .help = "print the command's PID once it runs, and leave it alone" },
	{ .kind = OPT_TEXT, .name = "log", .arg = "FILE", .ours = true, FIELD(log),
	  .requires = "detach\0", .help = "append what the detached command prints to FILE" },
	{ .kind = OPT_FLAG, .name = "new-session", .ours = true, FIELD(new_session),
	  .implies = "fork\0", .help = "run the command in a session without a terminal" },
	{ .kind = OPT_FD, .name = "ready-fd", .arg = "FD", .ours = true, FIELD(ready_fd),
	  .implies = "fork\0",
	  .help = "write a line of JSON there when all is set up, another at exec" },
	{ .kind = OPT_TEXT, .name = "pid-file", .arg = "FILE", .ours = true, FIELD(pid_file),
	  .implies = "fork\0", .help = "write the command's PID to FILE when all is set up" },
	{ .kind = OPT_FD, .name = "wait-fd", .arg = "FD", .ours = true, FIELD(wait_fd),
	  .implies = "fork\0",
	  .help = "then wait for a byte or the end of file there before exec" },

	{ .kind = OPT_GROUP, .help = "Files and directories" },
	{ .kind = OPT_TEXT, .name = "mount-proc", .arg = "DIR", .optional = true,
	  .fallback = "/proc", FIELD(mount_proc), .implies = "mount\0",
	  .help = "mount proc on DIR (/proc)" },
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

	{ .kind = OPT_GROUP, .help = "Clocks, network, host name, environment" },
	{ .kind = OPT_SECONDS, .name = "monotonic", .arg = "SECONDS", FIELD(monotonic),
	  .requires = "time\0", .help = "add SECONDS to the monotonic clock" },
	{ .kind = OPT_SECONDS, .name = "boottime", .arg = "SECONDS", FIELD(boottime),
	  .requires = "time\0", .help = "add SECONDS to the clock of the time since boot" },
	{ .kind = OPT_FLAG, .name = "no-loopback", .ours = true, FIELD(no_loopback),
	  .help = "leave lo down in a new network namespace" },
	{ .kind = OPT_TEXT, .name = "hostname", .arg = "NAME", .ours = true, FIELD(hostname),
	  .implies = "uts\0", .help = "set the host name (implies --uts)" },
	{ .kind = OPT_FLAG, .name = "clear-env", FIELD(clear_env),
	  .help = "run the command with an empty environment" },
	{ .kind = OPT_LIST, .name = "whitelist-env", .arg = "NAMES", FIELD(whitelist_env),
	  .help = "leave only these variables, a comma-separated list; may be repeated" },

	{ .kind = OPT_GROUP, .help = "What happens" },
	{ .kind = OPT_FLAG, .letter = 'v', .name = "verbose", .ours = true, FIELD(verbose),
	  .help = "print each kernel operation as it is done" },
	{ .kind = OPT_FLAG, .name = "dry-run", .ours = true, FIELD(dry_run),
	  .help = "check everything, print the operations, do none" },
	{ .kind = OPT_COMPLETE, .name = "complete", .ours = true,
	  .help = "print the options for a completion" },
	{ .kind = OPT_HELP, .letter = 'h', .name = "help", .help = "print this help" },
	{ .kind = OPT_VERSION, .letter = 'V', .name = "version", .help = "print the version" },
	{ .kind = OPT_END },
};
/* clang-format on */

static const struct opts opts = {
	.operands = "[COMMAND [ARGUMENT...]]",
	.summary = "Run COMMAND (default: your shell) in new namespaces.",
	.table = table,
};

/*
 * The caller's own group alone can be mapped without privilege, once setgroups is
 * denied; --map-group always denies it, as in unshare(1).
 */
static int plan_setgroups(const struct request *req, struct nsset_plan *plan, struct failure *f)
{
	bool asked_for_one = req->map_groups.count == 0 && !req->owner.given;
	bool must_deny = idmap_is_single(&plan->gids, getegid()) &&
			 (asked_for_one || !caps_have(CAP_SETGID));

	if (must_deny && req->setgroups == SETGROUPS_ALLOW)
		return failure_option(
			f, "--setgroups",
			"'allow' is not possible where only one's own group is mapped");
	plan->setgroups = must_deny ? SETGROUPS_DENY : (enum nsset_setgroups)req->setgroups;
	return 0;
}

static int plan_ids(const struct request *req, struct nsset_plan *plan, struct failure *f)
{
	plan->has_owner = req->owner.given;
	plan->owner_uid = req->owner.uid;
	plan->owner_gid = req->owner.gid;
	plan->ranges = req->map_users.count > 0 || req->map_groups.count > 0;
	if (idplan_map(&idmap_users, &req->map_users, req->map_user, &plan->uids, f) != 0 ||
	    idplan_map(&idmap_groups, &req->map_groups, req->map_group, &plan->gids, f) != 0) {
		explain_proc(f);
		return -1;
	}
	return plan_setgroups(req, plan, f);
}

/* Does the namespace that is to be made have this ID? */
static int check_mapped(const struct opt_id *wanted, const struct idmap *map,
			const struct idmap_kind *kind, const char *verb, struct failure *f)
{
	char id[16];

	if (!wanted->given || idmap_has_inner(map, wanted->id))
		return 0;
	snprintf(id, sizeof(id), "%u", wanted->id);
	failure_reason(f, verb, id, "not mapped in the new user namespace");
	failure_hint(f, "no map has it; see %s and %s", kind->single_option, kind->option);
	return -1;
}

static int check_ids(const struct request *req, const struct nsset_plan *plan, struct failure *f)
{
	if ((plan->flags & CLONE_NEWUSER) == 0)
		return 0;
	if (check_mapped(&req->setuid, &plan->uids, &idmap_users, "set user ID", f) != 0 ||
	    check_mapped(&req->setgid, &plan->gids, &idmap_groups, "set group ID", f) != 0)
		return -1;
	if (req->setgid.given && plan->setgroups == SETGROUPS_DENY)
		return failure_reason(f, "drop the supplementary groups", NULL,
				      "setgroups is denied in the new user namespace");
	return 0;
}

static int check_hostname(const char *name, struct failure *f)
{
	size_t length = strlen(name);

	if (length == 0)
		return failure_option(f, "--hostname", "the name is empty");
	if (length > KERNEL_HOSTNAME_BYTES)
		return failure_option(f, "--hostname",
				      "the name is %zu bytes long, the limit is %d", length,
				      KERNEL_HOSTNAME_BYTES);
	for (; *name != '\0'; name++)
		if ((unsigned char)*name <= ' ' || *name == 0x7F)
			return failure_option(f, "--hostname",
					      "the name has a control character or white space");
	return 0;
}

static int check_environment(const struct request *req, struct failure *f)
{
	for (size_t i = 0; i < req->whitelist_env.count; i++)
		if (strchr(req->whitelist_env.text[i], '=') != NULL)
			return failure_option(f, "--whitelist-env",
					      "'%s' is not a list of variable names",
					      req->whitelist_env.text[i]);
	return 0;
}

/* The descriptors are for us alone: the command does not inherit them. */
static int check_fd(const char *option, const struct opt_fd *fd, struct failure *f)
{
	if (!fd->given || fcntl(fd->fd, F_SETFD, FD_CLOEXEC) == 0)
		return 0;
	return failure_option(f, option, "descriptor %d is not open", fd->fd);
}

/* What the kernel would refuse, told before anything is made. */
static int check_proc(const struct request *req, const struct nsset_plan *plan, struct failure *f)
{
	if (req->mount_proc == NULL || (plan->flags & CLONE_NEWUSER) == 0 ||
	    (plan->flags & CLONE_NEWPID) != 0)
		return 0;
	failure_reason(f, "mount proc on", req->mount_proc,
		       "a new user namespace has no right to the old PID namespace");
	failure_hint(f, "proc shows a PID namespace; add --pid to make a new one too");
	return -1;
}

/* One mount would cover the other. */
static int check_file_unused(const struct nsset_plan *plan, const struct nstype *type,
			     const char *file, struct failure *f)
{
	char option[16];

	snprintf(option, sizeof(option), "--%s", type->option);
	for (size_t i = 0; i < plan->pins; i++)
		if (strcmp(file, plan->pin[i].file) == 0)
			return failure_option(f, option, "'%s' is to keep the %s namespace", file,
					      plan->pin[i].type->name);
	return 0;
}

static int plan_pins(const struct request *req, struct nsset_plan *plan, struct failure *f)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		const char *file = req->types.file[i];

		if (file == NULL)
			continue;
		if (check_file_unused(plan, &nstypes[i], file, f) != 0)
			return -1;
		plan->pin[plan->pins++] =
			(struct mnt_pin){ &nstypes[i], file, false, false, -1, -1 };
		if (nstypes[i].flag != CLONE_NEWPID || plan->forks)
			continue;
		failure_reason(f, "keep the pid namespace at", file,
			       "it will have no first process");
		failure_hint(f, "a PID namespace begins with its first child; leave out --no-fork");
		return -1;
	}
	return 0;
}

/* --load-interp and --mount-binfmt without a directory need proc, as in unshare(1). */
static void complete_request(struct request *req)
{
	if (req->load_interp != NULL && req->mount_binfmt == NULL)
		req->mount_binfmt = binfmt_default;
	if (req->mount_binfmt == binfmt_default && req->mount_proc == NULL)
		req->mount_proc = "/proc";
	if (req->propagation == 0)
		req->propagation = MNT_PRIVATE;
}

/* For a dry run: the directories that settle_files() will use. */
static int check_directories(const struct request *req, struct failure *f)
{
	if (req->root != NULL && mnt_check_directory(NULL, req->root, "change root to", f) != 0)
		return -1;
	if (req->wd != NULL &&
	    mnt_check_directory(req->root, req->wd, "change directory to", f) != 0)
		return -1;
	if (req->mount_proc != NULL &&
	    mnt_check_directory(req->root, req->mount_proc, "mount proc on", f) != 0)
		return -1;
	if (req->mount_binfmt == NULL || req->mount_binfmt == binfmt_default)
		return 0;
	return mnt_check_directory(req->root, req->mount_binfmt, "mount binfmt_misc on", f);
}

/* For a dry run: what the kernel would refuse for want of a capability (capabilities(7)). */
static int check_privilege(const struct request *req, const struct nsset_plan *plan,
			   struct failure *f)
{
	bool inside = (plan->flags & CLONE_NEWUSER) != 0;
	char uid[16], keep[64];
	const struct {
		bool needed;
		unsigned capability;
		const char *verb, *object;
	} rights[] = {
		{ plan->pins > 0, CAP_SYS_ADMIN, keep, plan->pin[0].file },
		{ req->root != NULL && !inside, CAP_SYS_CHROOT, "change root to", req->root },
		{ req->setgid.given && !inside, CAP_SETGID, "drop the supplementary groups", NULL },
		{ req->setuid.given && req->setuid.id != geteuid() && !inside, CAP_SETUID,
		  "set user ID", uid },
	};

	snprintf(uid, sizeof(uid), "%u", (unsigned)req->setuid.id);
	if (plan->pins > 0)
		snprintf(keep, sizeof(keep), "keep the %s namespace at", plan->pin[0].type->name);
	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (rights[i].needed && !caps_have(rights[i].capability)) {
			errno = EPERM;
			return failure_errno(f, rights[i].verb, rights[i].object);
		}
	return 0;
}

/* The whole request, checked, as a plan. */
static int make_plan(struct request *req, struct nsset_plan *plan, struct failure *f)
{
	complete_request(req);
	plan->flags = req->types.flags;
	plan->forks = req->fork || ((plan->flags & CLONE_NEWPID) != 0 && !req->no_fork);
	plan->monotonic = (struct timens_clock){ req->monotonic.given, req->monotonic.seconds };
	plan->boottime = (struct timens_clock){ req->boottime.given, req->boottime.seconds };
	plan->propagation = (enum mnt_propagation)req->propagation;
	plan->loopback = (plan->flags & CLONE_NEWNET) != 0 && !req->no_loopback;
	plan->hostname = req->hostname;
	if (plan->hostname != NULL && check_hostname(plan->hostname, f) != 0)
		return -1;
	if (check_fd("--ready-fd", &req->ready_fd, f) != 0 ||
	    check_fd("--wait-fd", &req->wait_fd, f) != 0)
		return -1;
	if (check_environment(req, f) != 0 || check_proc(req, plan, f) != 0 ||
	    plan_ids(req, plan, f) != 0 || check_ids(req, plan, f) != 0 ||
	    plan_pins(req, plan, f) != 0)
		return -1;
	return nsset_prepare(plan, f);
}

/* What will work, but perhaps not as the user thinks. */
static void warn(const struct request *req, const struct nsset_plan *plan)
{
	struct statfs fs;

	if ((plan->flags & CLONE_NEWPID) != 0 && !plan->forks) {
		message_warning(
			"the command's first child is PID 1: when it ends, no other process "
			"can be made");
		message_hint("--no-fork leaves the command itself in the old PID namespace; "
			     "leave it out");
	}
	if (req->setuid.given && !req->setgid.given && req->setuid.id != 0 && geteuid() == 0)
		message_warning("group %u and the supplementary groups are kept; see --setgid",
				(unsigned)getegid());
	if (req->mount_proc != NULL && (plan->flags & (CLONE_NEWPID | CLONE_NEWUSER)) == 0)
		message_warning("this proc shows the old PID namespace; see --pid");
	for (size_t i = 0; i < plan->pins; i++)
		if (statfs(plan->pin[i].file, &fs) == 0 && fs.f_type == KERNEL_NSFS_MAGIC)
			message_warning("'%s' keeps a namespace already, which is covered",
					plan->pin[i].file);
}

/* An interpreter with the flag F is opened now: through the caller's root, not the new one. */
static bool is_fixed_interpreter(const struct request *req)
{
	const char *flags = req->load_interp != NULL ? strrchr(req->load_interp, ':') : NULL;

	return flags != NULL && strchr(flags, 'F') != NULL && req->root != NULL;
}

static int settle_files(const struct request *req, struct failure *f)
{
	bool fixed = is_fixed_interpreter(req);

	if (fixed && (mnt_mount_binfmt(binfmt_default, f) != 0 ||
		      mnt_register_interpreter(binfmt_default, req->load_interp, f) != 0))
		return -1;
	if (req->root != NULL && mnt_change_root(req->root, f) != 0)
		return -1;
	if (req->wd != NULL && mnt_change_directory(req->wd, f) != 0)
		return -1;
	if (req->mount_proc != NULL &&
	    mnt_mount_proc(req->mount_proc, req->propagation != MNT_PRIVATE, f) != 0)
		return -1;
	if (req->mount_binfmt != NULL && mnt_mount_binfmt(req->mount_binfmt, f) != 0)
		return -1;
	if (req->load_interp != NULL && !fixed)
		return mnt_register_interpreter(req->mount_binfmt, req->load_interp, f);
	return 0;
}

static int settle_ids(const struct request *req, struct failure *f)
{
	if (req->setgid.given &&
	    (creds_drop_groups(f) != 0 || creds_set_gid(req->setgid.id, f) != 0))
		return -1;
	if (req->setuid.given && creds_set_uid(req->setuid.id, f) != 0)
		return -1;
	return req->keep_caps && (req->types.flags & CLONE_NEWUSER) != 0 ? caps_keep(f) : 0;
}

/* What main() passes down: the request, where its operands are, and what is being made. */
struct job {
	struct request req;
	struct nsset_plan plan;
	struct nsset set;
	char **argv;
	int operand;
};

static int keep_pins(void *context, struct failure *f)
{
	struct job *job = context;

	return nsset_keep_pins(&job->set, f);
}

static void leave_to_parent(void *context)
{
	struct job *job = context;

	nsset_leave_to_parent(&job->set);
}

/* Inside the new namespaces: everything between the fork and the exec. */
static int settle(void *context, struct failure *f)
{
	const struct job *job = context;
	const struct request *req = &job->req;

	if (req->dry_run &&
	    (check_directories(req, f) != 0 || check_privilege(req, &job->plan, f) != 0))
		return -1;
	if (settle_files(req, f) != 0 || settle_ids(req, f) != 0)
		return -1;
	if (req->clear_env || req->whitelist_env.count > 0)
		environment_keep_only(req->whitelist_env.text, req->whitelist_env.count);
	return 0;
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

static void commit(void *context)
{
	struct job *job = context;

	nsset_commit(&job->set);
}

static void abandon(void *context)
{
	struct job *job = context;

	nsset_abandon(&job->set);
}

static struct launch plan_launch(struct job *job)
{
	const struct request *req = &job->req;
	char *const *command = &job->argv[job->operand];

	return (struct launch){
		.argv = command,
		.shell = command[0] == NULL ? command_shell() : NULL,
		.root = req->root,
		.forks = job->plan.forks,
		.new_pid_namespace = (job->plan.flags & CLONE_NEWPID) != 0,
		.init = req->init,
		.new_session = req->new_session,
		.detach = req->detach,
		.log = req->log,
		.kill_signal = req->kill_child,
		.ready_fd = req->ready_fd.given ? req->ready_fd.fd : -1,
		.wait_fd = req->wait_fd.given ? req->wait_fd.fd : -1,
		.pid_file = req->pid_file,
		.context = job,
		.prepare = keep_pins,
		.leave = leave_to_parent,
		.settle = settle,
		.advise = advise,
		.commit = commit,
		.abandon = abandon,
	};
}

int main(int argc, char *argv[])
{
	struct job job = { .argv = argv, .set = { .proc = -1, .outside = -1 } };
	struct failure f;
	struct launch launch;

	file_fill_standard();
	job.operand = opts_parse(&opts, argc, argv, &job.req);
	trace_start(job.req.dry_run ? TRACE_DRY_RUN : job.req.verbose ? TRACE_VERBOSE : TRACE_OFF);
	if (make_plan(&job.req, &job.plan, &f) != 0)
		return message_failure(&f);
	warn(&job.req, &job.plan);
	launch = plan_launch(&job);
	if (launch_begin(&launch, &f) != 0 || nsset_create(&job.set, &job.plan, &f) != 0)
		return launch_cancel(&launch, &f);
	return launch_command(&launch);
}
