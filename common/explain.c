/*
 * explain.c - from an operation that failed to its cause and what helps
 *
 * SPDX-License-Identifier: MIT
 */
#include "explain.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "caps.h"
#include "cause.h"
#include "cleanup.h"
#include "file.h"
#include "idmap.h"
#include "kernel.h"
#include "nstype.h"
#include "pidfd.h"
#include "num.h"
#include "probe.h"
#include "procfs.h"

/* An unshare(2) that failed. */
struct create {
	int flags, optional, without;
};

/* ", or add --no-net", where that would help: without a user namespace only the privileged. */
static void add_without(struct cause_case *c, int number, const struct nstype *type)
{
	const struct create *create = c->what;

	if ((create->optional & type->flag) != 0 &&
	    (type->flag != CLONE_NEWUSER || caps_have(CAP_SYS_ADMIN)))
		cause_word(c, number, ", or add --no-%s", type->option);
}

static bool is_forbidden(struct cause_case *c)
{
	const struct create *create = c->what;
	const struct nstype *type = probe_forbidden_type(create->flags);

	if (type == NULL)
		return false;
	add_without(c, 2, type);
	return cause_word(c, 1, "%s", type->limit);
}

/* A copy has as many mounts, and must be within the limit that one more would be. */
static bool has_too_many_mounts(struct cause_case *c)
{
	const struct create *create = c->what;
	size_t mounts = probe_count_mounts();
	uint64_t most;

	if ((create->flags & CLONE_NEWNS) == 0 || !probe_number("sys/fs/mount-max", &most) ||
	    mounts <= most)
		return false;
	cause_word(c, 1, "%zu", mounts);
	return cause_word(c, 2, "%ju", (uintmax_t)most);
}

/* How deep this process is, as far as the proc that is there tells (pid_namespaces(7): 32). */
static bool is_nested_in_pid(struct cause_case *c)
{
	autofd self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct create *create = c->what;
	struct procfs_status status;

	return (create->flags & CLONE_NEWPID) != 0 && self >= 0 &&
	       procfs_read_status(self, &status) == 0 && status.levels == PROCFS_LEVELS;
}

/* The first of the types that is refused when it is asked for alone, or NULL. */
static const struct nstype *refused_type(int flags, int error)
{
	int owner = flags & CLONE_NEWUSER;

	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((flags & nstypes[i].flag) != 0 &&
		    probe_unshare(owner | nstypes[i].flag) == error)
			return &nstypes[i];
	return NULL;
}

/*
 * namespaces(7), "ENOSPC".  What there is in outer user namespaces, and how many of these
 * there are (33 levels at most), cannot be seen from inside.
 */
static bool is_limit_reached(struct cause_case *c)
{
	const struct create *create = c->what;
	const struct nstype *type = refused_type(create->flags, c->error);
	char name[64];
	uint64_t most = 0;

	if (type == NULL)
		return false;
	snprintf(name, sizeof(name), "sys/user/%s", type->limit);
	if (probe_is_initial_user() && probe_number(name, &most))
		cause_word(c, 2, "which is %ju", (uintmax_t)most);
	else
		cause_word(c, 2, "here or in an outer user namespace%s",
			   type->flag == CLONE_NEWUSER
				   ? ", or user namespaces are nested 33 levels deep"
			   : type->flag == CLONE_NEWPID
				   ? ", or PID namespaces are nested 32 levels deep"
			   : type->flag == CLONE_NEWNS && probe_is_chrooted()
				   ? ", or that of mounts, fs.mount-max"
				   : "");
	add_without(c, 3, type);
	return cause_word(c, 1, "%s", type->limit);
}

static bool lacks_privilege(const struct create *create)
{
	return (create->flags & CLONE_NEWUSER) == 0 && !caps_have(CAP_SYS_ADMIN);
}

static bool needs_user(struct cause_case *c)
{
	const struct create *create = c->what;

	if (!lacks_privilege(create) || probe_unshare(create->flags | CLONE_NEWUSER) != 0)
		return false;
	if ((create->without & CLONE_NEWUSER) != 0)
		return cause_word(c, 1, "leave out --no-user");
	cause_word(c, 2, ", or --all (-a)");
	return cause_word(c, 1, "add --map-root-user (-r)");
}

static bool needs_more_than_user(struct cause_case *c)
{
	return lacks_privilege(c->what) && probe_unshare(CLONE_NEWUSER) > 0;
}

static bool makes_user(const struct cause_case *c)
{
	const struct create *create = c->what;

	return (create->flags & CLONE_NEWUSER) != 0;
}

static bool is_chrooted(struct cause_case *c)
{
	return makes_user(c) && probe_is_chrooted();
}

/* user_namespaces(7): who makes one must have a counterpart in the one around it. */
static bool is_unmapped(struct cause_case *c)
{
	const struct {
		const struct idmap_kind *kind;
		uint32_t id;
	} own[] = { { &idmap_users, geteuid() }, { &idmap_groups, getegid() } };

	for (size_t i = 0; makes_user(c) && i < sizeof(own) / sizeof(own[0]); i++) {
		struct idmap map = { 0 };
		struct failure ignored;

		if (idmap_read(own[i].kind, -1, &map, &ignored) == 0 &&
		    !idmap_has_inner(&map, own[i].id)) {
			cause_word(c, 2, "%s", own[i].kind->option);
			return cause_word(c, 1, "%s", own[i].kind->noun);
		}
	}
	return false;
}

/* A patch of Debian's and Arch's: without it for the privileged of the initial one alone. */
static bool is_for_root_alone(struct cause_case *c)
{
	uint64_t allowed;

	return makes_user(c) && probe_number("sys/kernel/unprivileged_userns_clone", &allowed) &&
	       allowed == 0 && !(caps_have(CAP_SYS_ADMIN) && probe_is_initial_user());
}

/* apparmor(7): a security module says EACCES, and EPERM only where nothing else did. */
static bool is_restricted(struct cause_case *c)
{
	char label[256];
	uint64_t restricts;

	return makes_user(c) &&
	       probe_number("sys/kernel/apparmor_restrict_unprivileged_userns", &restricts) &&
	       restricts != 0 && !(caps_have(CAP_SYS_ADMIN) && probe_is_initial_user()) &&
	       (c->error == EACCES || !probe_has_filter()) && probe_label(label, sizeof(label)) &&
	       cause_word(c, 1, "%s", label);
}

/* "net, time", and " --no-net --no-time". */
static void name_types(int flags, char names[128], char options[128])
{
	names[0] = options[0] = '\0';
	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		size_t used = strlen(names), more = strlen(options);

		if ((flags & nstypes[i].flag) == 0)
			continue;
		snprintf(names + used, 128 - used, "%s%s", used > 0 ? ", " : "", nstypes[i].name);
		snprintf(options + more, 128 - more, " --no-%s", nstypes[i].option);
	}
}

/* Words 1 and 2 for types without which the rest could be made. */
static bool leave_out(struct cause_case *c, int refused)
{
	const struct create *create = c->what;
	char names[128], options[128];

	if (refused == 0 || refused == create->flags ||
	    probe_unshare(create->flags & ~refused) != 0)
		return false;
	name_types(refused, names, options);
	cause_word(c, 1, "%s", names);
	return (refused & ~create->optional) == 0
		       ? cause_word(c, 2, "add%s", options)
		       : cause_word(c, 2, "leave out what asks for them");
}

static bool is_filtered_in_part(struct cause_case *c)
{
	const struct create *create = c->what;

	int filtered = probe_filtered_types(create->flags);

	return (filtered & ~create->optional) == 0 && leave_out(c, filtered);
}

static bool is_filtered(struct cause_case *c)
{
	const struct create *create = c->what;
	char names[128], options[128];
	int filtered = probe_filtered_types(create->flags);

	name_types(filtered, names, options);
	return filtered != 0 && cause_word(c, 1, "%s", names);
}

static bool has_made_one(struct cause_case *c)
{
	const struct create *create = c->what;

	return (create->flags & CLONE_NEWPID) != 0 && probe_children_are_elsewhere();
}

/* The last resort: no cause, but what works. */
static bool is_refused_in_part(struct cause_case *c)
{
	const struct create *create = c->what;
	int owner = create->flags & CLONE_NEWUSER, refused = 0;

	if (owner != 0 && probe_unshare(owner) != 0) {
		if (!caps_have(CAP_SYS_ADMIN))
			return false;
		refused = owner;
		owner = 0;
	}
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((create->flags & ~CLONE_NEWUSER & nstypes[i].flag) != 0 &&
		    probe_unshare(owner | nstypes[i].flag) != 0)
			refused |= nstypes[i].flag;
	return leave_out(c, refused);
}

#define APPARMOR_FIX                                             \
	"give the program a profile that has 'userns,', or run " \
	"'sysctl kernel.apparmor_restrict_unprivileged_userns=0'"

static const struct cause create_causes[] = {
	{ { ENOSPC, EUSERS },
	  is_forbidden,
	  "user.$1 is 0",
	  "raise it with 'sysctl user.$1=1000'$2" },
	{ { ENOSPC },
	  has_too_many_mounts,
	  "this mount namespace has $1 mounts, and sysctl fs.mount-max allows $2",
	  "unmount some, or raise it" },
	{ { ENOSPC },
	  is_nested_in_pid,
	  "PID namespaces are nested 32 levels deep here, and the kernel allows no more",
	  "begin in an outer one" },
	{ { ENOSPC, EUSERS },
	  is_limit_reached,
	  "a limit is reached: user.$1, $2",
	  "end what you do not need, or raise it$3" },
	{ { EPERM },
	  needs_user,
	  "you lack CAP_SYS_ADMIN here",
	  "$1 to be root in a user namespace of your own$2" },
	{ { EPERM },
	  needs_more_than_user,
	  "you lack CAP_SYS_ADMIN here, and a user namespace, which would give it, is refused too",
	  "'ns-unshare --check' says why" },
	{ { EPERM },
	  is_chrooted,
	  "no user namespace can be made below a chroot",
	  "leave that first, or use pivot_root (ns-unshare --pivot) in its place" },
	{ { EPERM },
	  is_unmapped,
	  "your $1 ID is not mapped in the user namespace that you are in",
	  "map it when you make that, as by ns-unshare $2" },
	{ { EPERM },
	  is_for_root_alone,
	  "kernel.unprivileged_userns_clone is 0",
	  "set it with 'sysctl kernel.unprivileged_userns_clone=1'" },
	{ { EPERM, EACCES, ENOSYS },
	  is_filtered_in_part,
	  "a filter of system calls (seccomp) refuses $1 here",
	  "$2" },
	{ { EPERM, EACCES, ENOSYS },
	  is_filtered,
	  "a filter of system calls (seccomp) refuses $1 here",
	  "if it is a container's, run that with --security-opt seccomp=unconfined (docker, "
	  "podman), or with a profile that allows unshare(2)" },
	{ { EACCES, EPERM },
	  is_restricted,
	  "AppArmor restricts user namespaces of unprivileged processes, as this one of profile '$1'",
	  APPARMOR_FIX },
	{ { EINVAL },
	  has_made_one,
	  "this process has made another PID namespace, for its children, before",
	  "fork in between, as by --fork (-f)" },
	{ { 0 }, is_refused_in_part, "of these types the kernel refuses $1 here", "$2" },
};

void explain_create(struct failure *f, int flags, int optional, int without)
{
	const struct create create = { flags, optional, without };
	const struct nstype *missing = f->error == EINVAL ? probe_missing_type(flags) : NULL;

	if (missing != NULL)
		snprintf(f->reason, sizeof(f->reason), "this kernel has no %s namespaces",
			 missing->name);
	else
		CAUSE_FIND(create_causes, &create, f);
}

static bool is_confined(struct cause_case *c)
{
	(void)c;
	return probe_is_confined();
}

static const struct cause first_use_causes[] = {
	{ { EPERM, EACCES },
	  is_confined,
	  "AppArmor lets the user namespace be made, but gives it no capabilities (profile "
	  "'unprivileged_userns')",
	  APPARMOR_FIX },
};

void explain_first_use(struct failure *f)
{
	CAUSE_FIND(first_use_causes, NULL, f);
}

struct privilege {
	unsigned capability;
	const char *name;
};

static bool lacks_capability(struct cause_case *c)
{
	const struct privilege *privilege = c->what;

	return !caps_have(privilege->capability) && probe_unshare(CLONE_NEWUSER) == 0 &&
	       cause_word(c, 1, "%s", privilege->name);
}

static const struct cause privilege_causes[] = {
	{ { EPERM },
	  lacks_capability,
	  "you lack $1 here",
	  "add --map-root-user (-r) to be root in a user namespace of your own" },
};

void explain_privilege(struct failure *f, unsigned capability, const char *name)
{
	const struct privilege privilege = { capability, name };

	CAUSE_FIND(privilege_causes, &privilege, f);
}

static bool is_proc_missing(struct cause_case *c)
{
	struct statfs fs;

	return strncmp(c->object, "/proc/", 6) == 0 &&
	       (statfs("/proc", &fs) != 0 || fs.f_type != KERNEL_PROC_MAGIC) &&
	       cause_word(c, 1,
			  probe_can_make_proc()
				  ? "run 'mount -t proc proc /proc'"
				  : "mount one there as root, before any user namespace is made");
}

static const struct cause proc_causes[] = {
	{ { 0 }, is_proc_missing, "/proc is not mounted", "$1" },
};

void explain_proc(struct failure *f)
{
	CAUSE_FIND(proc_causes, NULL, f);
}

/* How many tasks this user has, as RLIMIT_NPROC counts them, where /proc shows them. */
static unsigned long count_own_tasks(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	unsigned long tasks = 0;
	uint64_t pid;

	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		char path[64];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/%.20s/task", entry->d_name);
		if (num_parse(entry->d_name, INT32_MAX, &pid) && stat(path, &st) == 0 &&
		    st.st_uid == getuid())
			tasks += st.st_nlink - 2;
	}
	if (proc != NULL)
		closedir(proc);
	return tasks;
}

/* Reads one number of a cgroup's directory; "max" and what is missing are false. */
static bool read_count(const char *dir, const char *name, uint64_t *count)
{
	char path[PATH_MAX], text[32];
	ssize_t length;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	length = file_read(AT_FDCWD, path, text, sizeof(text));
	if (length <= 0)
		return false;
	text[length - 1] = '\0';
	return num_parse(text, UINT64_MAX, count);
}

/* Looks for a cgroup at dir or above it, up to root, that has all the tasks it may have. */
static bool find_full_cgroup(char *dir, size_t root, uint64_t *max)
{
	uint64_t current;

	for (;;) {
		char *slash = strrchr(dir, '/');

		if (read_count(dir, "pids.max", max) && read_count(dir, "pids.current", &current) &&
		    current >= *max)
			return true;
		if (strlen(dir) <= root || slash == NULL)
			return false;
		*slash = '\0';
	}
}

/* cgroups(7): the pids controller of version 1 or 2, where distributions mount it. */
static bool is_cgroup_full(struct cause_case *c)
{
	static const char *const roots[] = { "/sys/fs/cgroup/pids", "/sys/fs/cgroup",
					     "/sys/fs/cgroup/unified" };
	char text[8192], dir[PATH_MAX], *save = NULL;
	uint64_t max;

	if (file_read(AT_FDCWD, "/proc/self/cgroup", text, sizeof(text)) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *path = strchr(line, '/');

		for (size_t i = 0; path != NULL && i < sizeof(roots) / sizeof(roots[0]); i++) {
			snprintf(dir, sizeof(dir), "%s%s", roots[i], path);
			if (find_full_cgroup(dir, strlen(roots[i]), &max))
				return cause_word(c, 1, "%s", dir) &&
				       cause_word(c, 2, "%ju", (uintmax_t)max);
		}
	}
	return false;
}

static bool has_all_tasks(struct cause_case *c)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
	       count_own_tasks() >= limit.rlim_cur &&
	       cause_word(c, 1, "%ju", (uintmax_t)limit.rlim_cur);
}

/* pid_namespaces(7): what fork(2) then says is ENOMEM. */
static bool is_init_dead(struct cause_case *c)
{
	autofd next = pidfd_open_own(KERNEL_PIDFD_GET_PID_FOR_CHILDREN);

	(void)c;
	if (next < 0)
		next = open("/proc/self/ns/pid_for_children", O_RDONLY | O_CLOEXEC);
	return next >= 0 && probe_is_dead(next);
}

static const struct cause fork_causes[] = {
	{ { EAGAIN },
	  is_cgroup_full,
	  "the cgroup at $1 has all the tasks that its pids.max allows, $2",
	  "raise that" },
	{ { EAGAIN },
	  has_all_tasks,
	  "you have as many processes as RLIMIT_NPROC allows, $1",
	  "see 'ulimit -u'" },
	{ { ENOMEM },
	  is_init_dead,
	  "the PID namespace that children of this process would be in has ended with its first "
	  "process",
	  "make a new one, as by ns-unshare --pid, which forks" },
};

void explain_fork(struct failure *f)
{
	CAUSE_FIND(fork_causes, NULL, f);
}

/* Could its owner, who is not mapped here, enter or execute it, and we not? */
static bool is_unmapped_owners(const char *path)
{
	/* The working directory itself: "." cannot be looked up without the right to enter it. */
	const char *looked_up = strcmp(path, ".") == 0 ? "" : path;
	struct stat st;

	return fstatat(AT_FDCWD, looked_up, &st, AT_EMPTY_PATH) == 0 &&
	       st.st_uid == KERNEL_OVERFLOW_ID && (st.st_mode & S_IXUSR) != 0 &&
	       access(path, X_OK) != 0 && !idmap_own_has(&idmap_users, KERNEL_OVERFLOW_ID);
}

static bool is_file_unmapped(struct cause_case *c)
{
	return is_unmapped_owners(c->what);
}

static bool is_directory_unmapped(struct cause_case *c)
{
	const char *path = c->what;

	return path[0] != '/' && is_unmapped_owners(".");
}

static const struct cause exec_causes[] = {
	{ { EACCES },
	  is_file_unmapped,
	  "its owner is not mapped in this user namespace",
	  "map it, as by ns-unshare --map-users" },
	{ { EACCES },
	  is_directory_unmapped,
	  "the owner of the working directory is not mapped in this user namespace",
	  "map it, as by ns-unshare --map-users" },
};

void explain_exec(struct failure *f, const char *path)
{
	CAUSE_FIND(exec_causes, path, f);
}
