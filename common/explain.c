/*
 * explain.c - from an operation that failed to its cause and what helps
 *
 * SPDX-License-Identifier: MIT
 */
#include "explain.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caps.h"
#include "cleanup.h"
#include "file.h"
#include "idmap.h"
#include "kernel.h"
#include "nstype.h"
#include "num.h"

void explain_proc(struct failure *f)
{
	struct statfs fs;

	if (strncmp(f->object, "/proc/", 6) == 0 &&
	    (statfs("/proc", &fs) != 0 || fs.f_type != KERNEL_PROC_MAGIC))
		failure_hint(f, "/proc is not mounted; run 'mount -t proc proc /proc'");
}

/* The type whose limit here is 0, so that none can be made (namespaces(7), /proc/sys/user). */
static const struct nstype *forbidden_type(int flags)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		char path[64], text[32];

		snprintf(path, sizeof(path), "/proc/sys/user/%s", nstypes[i].limit);
		if ((flags & nstypes[i].flag) != 0 &&
		    file_read(AT_FDCWD, path, text, sizeof(text)) > 0 && strcmp(text, "0\n") == 0)
			return &nstypes[i];
	}
	return NULL;
}

static bool lacks_privilege(int flags)
{
	return flags != 0 && (flags & CLONE_NEWUSER) == 0 && !caps_have(CAP_SYS_ADMIN);
}

/* The first of these types that the kernel does not have. */
static const struct nstype *missing_type(int flags)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((flags & nstypes[i].flag) != 0 && !nstype_exists(&nstypes[i]))
			return &nstypes[i];
	return NULL;
}

int explain_predict(int flags)
{
	return missing_type(flags) != NULL     ? EINVAL
	       : lacks_privilege(flags)        ? EPERM
	       : forbidden_type(flags) != NULL ? ENOSPC
					       : 0;
}

/* Does that succeed?  Tried in a child, which ends at once. */
static bool succeeds(bool (*attempt)(int flags), int flags)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(attempt(flags) ? 0 : 1);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

static bool create(int flags)
{
	return unshare(flags) == 0;
}

static bool can_create(int flags)
{
	return succeeds(create, flags);
}

/* Those without which the rest could be made; 0 where there is no telling. */
static int refused_types(int flags)
{
	int owner = flags & CLONE_NEWUSER, refused = 0;

	if (owner != 0 && !can_create(owner)) {
		if (!caps_have(CAP_SYS_ADMIN))
			return 0;
		refused = owner;
		owner = 0;
	}
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((flags & ~CLONE_NEWUSER & nstypes[i].flag) != 0 &&
		    !can_create(owner | nstypes[i].flag))
			refused |= nstypes[i].flag;
	return refused != flags && can_create(flags & ~refused) ? refused : 0;
}

static void explain_refused(struct failure *f, int refused, int optional)
{
	char names[128] = "", options[128] = "";

	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		if ((refused & nstypes[i].flag) == 0)
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 names[0] != '\0' ? ", " : "", nstypes[i].name);
		snprintf(options + strlen(options), sizeof(options) - strlen(options), " --no-%s",
			 nstypes[i].option);
	}
	if (refused != 0)
		failure_hint(f, "of these types the kernel refuses %s here; %s%s", names,
			     (refused & ~optional) == 0 ? "add" : "leave out what asks for them",
			     (refused & ~optional) == 0 ? options : "");
}

/* The same with the root of the mount namespace, which joining that brings back (setns(2)). */
static bool create_elsewhere(int flags)
{
	autofd own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	return setns(own, CLONE_NEWNS) == 0 && create(flags);
}

/*
 * Is our root another than that of the mount namespace?  It is, where it is no mount's
 * root (statx(2), 5.8), or where with that one a user namespace could be made.
 */
static bool is_chrooted(void)
{
	struct statx root;

	if (statx(AT_FDCWD, "/", 0, 0, &root) == 0 &&
	    (root.stx_attributes_mask & KERNEL_STATX_ATTR_MOUNT_ROOT) != 0 &&
	    (root.stx_attributes & KERNEL_STATX_ATTR_MOUNT_ROOT) == 0)
		return true;
	return !can_create(CLONE_NEWUSER) && succeeds(create_elsewhere, CLONE_NEWUSER);
}

/* One type, whose limit is not 0 here.  What ENOSPC then means: namespaces(7), "ENOSPC". */
static void explain_limit(struct failure *f, const struct nstype *type)
{
	const char *also = type->flag == CLONE_NEWUSER || type->flag == CLONE_NEWPID
				   ? ", or they are nested 32 levels deep"
			   : type->flag == CLONE_NEWNS ? ", or that of mounts, fs.mount-max"
						       : "";

	failure_hint(f,
		     "a limit is reached: user.%s, here or in an outer user namespace%s; end what "
		     "you do not need, or raise it",
		     type->limit, also);
}

/* Without a user namespace, only the privileged can make the others. */
static void explain_zero(struct failure *f, const struct nstype *type, int optional)
{
	char without[32] = "";

	if ((optional & type->flag) != 0 &&
	    (type->flag != CLONE_NEWUSER || caps_have(CAP_SYS_ADMIN)))
		snprintf(without, sizeof(without), ", or add --no-%s", type->option);
	failure_hint(f, "user.%s is 0; raise it with 'sysctl user.%s=1000'%s", type->limit,
		     type->limit, without);
}

/* remedy: what makes one root in a user namespace of one's own, if that can be made. */
static void explain_lack(struct failure *f, unsigned capability, const char *name,
			 const char *remedy)
{
	if (f->error == EPERM && !caps_have(capability) && can_create(CLONE_NEWUSER))
		failure_hint(f, "you lack %s here; %s to be root in a user namespace of your own",
			     name, remedy);
}

void explain_privilege(struct failure *f, unsigned capability, const char *name)
{
	explain_lack(f, capability, name, "add --map-root-user (-r)");
}

void explain_create(struct failure *f, int flags, int optional, int without)
{
	const struct nstype *forbidden = f->error == ENOSPC ? forbidden_type(flags) : NULL;
	const struct nstype *missing = f->error == EINVAL ? missing_type(flags) : NULL;

	if (missing != NULL)
		snprintf(f->reason, sizeof(f->reason), "this kernel has no %s namespaces",
			 missing->name);
	else if (forbidden != NULL)
		explain_zero(f, forbidden, optional);
	else if (f->error == EPERM && lacks_privilege(flags))
		explain_lack(f, CAP_SYS_ADMIN, "CAP_SYS_ADMIN",
			     (without & CLONE_NEWUSER) != 0 ? "leave out --no-user"
							    : "add --map-root-user (-r)");
	else if (f->error == EPERM && (flags & CLONE_NEWUSER) != 0 && is_chrooted())
		failure_hint(f, "no user namespace can be made below a chroot; leave that first, "
				"or use pivot_root (ns-unshare --pivot) in its place");
	else if (f->error == ENOSPC && nstype_by_flag(flags) != NULL)
		explain_limit(f, nstype_by_flag(flags));
	else
		explain_refused(f, refused_types(flags), optional);
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
static bool explain_pids_limit(struct failure *f)
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
			if (!find_full_cgroup(dir, strlen(roots[i]), &max))
				continue;
			failure_hint(f,
				     "the cgroup at %s has all the tasks that its pids.max allows, "
				     "%llu; raise that",
				     dir, (unsigned long long)max);
			return true;
		}
	}
	return false;
}

void explain_fork(struct failure *f)
{
	struct rlimit limit;

	if (f->error != EAGAIN || explain_pids_limit(f))
		return;
	if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
	    count_own_tasks() >= limit.rlim_cur)
		failure_hint(f,
			     "you have as many processes as RLIMIT_NPROC allows, %llu; "
			     "see 'ulimit -u'",
			     (unsigned long long)limit.rlim_cur);
}

/* Is path the directory above, or below it, or the same? */
static bool is_below(const char *path, const char *dir)
{
	size_t length = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	return strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/*
 * Reads the next mount point, field 5 of mountinfo (proc(5)), into out; whether it is
 * shared, by its optional fields, into *shared.
 */
static bool next_mount(FILE *file, char out[PATH_MAX], bool *shared)
{
	autofree char *line = NULL;
	char *save = NULL, *word;
	size_t size = 0;

	if (file == NULL || getline(&line, &size, file) <= 0)
		return false;
	word = strtok_r(line, " ", &save);
	for (int field = 1; word != NULL && field < 5; field++)
		word = strtok_r(NULL, " ", &save);
	snprintf(out, PATH_MAX, "%s", word != NULL ? word : "");
	*shared = word != NULL && strstr(save, "shared:") != NULL;
	return true;
}

/* Finds the mount that holds path, the last of the longest mount points.  Is it shared? */
static bool find_shared_mount(const char *path, char mount_point[PATH_MAX])
{
	autofile *file = fopen("/proc/self/mountinfo", "re");
	char next[PATH_MAX];
	bool shared, found = false;

	mount_point[0] = '\0';
	while (next_mount(file, next, &shared))
		if (is_below(path, next) && strlen(next) >= strlen(mount_point)) {
			memcpy(mount_point, next, sizeof(next));
			found = shared;
		}
	return found;
}

bool explain_is_place_for_mounts(const char *path)
{
	static const char *const places[] = {
		"/proc/fs/nfsd",        "/proc/sys/fs/binfmt_misc", "/sys/firmware/efi/efivars",
		"/sys/fs/bpf",          "/sys/fs/cgroup",           "/sys/fs/fuse/connections",
		"/sys/fs/pstore",       "/sys/fs/resctrl",          "/sys/fs/selinux",
		"/sys/fs/smackfs",      "/sys/kernel/config",       "/sys/kernel/debug",
		"/sys/kernel/security", "/sys/kernel/tracing",
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (is_below(path, places[i]))
			return true;
	return false;
}

/* A mount on something below dir that is hidden by it. */
static bool find_cover(const char *dir, char mount_point[PATH_MAX])
{
	autofile *file = fopen("/proc/self/mountinfo", "re");
	bool shared;

	while (next_mount(file, mount_point, &shared))
		if (is_below(mount_point, dir) && strcmp(mount_point, dir) != 0 &&
		    !explain_is_place_for_mounts(mount_point))
			return true;
	return false;
}

void explain_mount(struct failure *f, const char *usual, bool optional)
{
	char mount_point[PATH_MAX];

	if (f->error == ENOENT && optional)
		failure_hint(f, "it is not in the root that the command gets; make that directory, "
				"or add --no-mount-proc");
	else if (f->error == EPERM && find_cover(usual, mount_point))
		failure_hint(f,
			     "'%s' is covered by a mount, and the kernel makes no other %s that "
			     "would show more; %s",
			     mount_point, usual, optional ? "add --no-mount-proc" : "unmount that");
}

void explain_pin(struct failure *f, const char *file)
{
	autofree char *copy = strdup(file);
	autofree char *path = NULL;
	char mount_point[PATH_MAX];

	/* The directory: a file of ours is gone by now. */
	if (f->error == EINVAL && copy != NULL)
		path = realpath(dirname(copy), NULL);
	if (path != NULL && find_shared_mount(path, mount_point))
		failure_hint(f,
			     "the mount at %s is shared with other mount namespaces; "
			     "run 'mount --make-private %s'",
			     mount_point, mount_point);
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

void explain_exec(struct failure *f, const char *path)
{
	if (f->error != EACCES)
		return;
	if (is_unmapped_owners(path))
		failure_hint(
			f,
			"its owner is not mapped in this user namespace; map it, as by ns-unshare --map-users");
	else if (path[0] != '/' && is_unmapped_owners("."))
		failure_hint(f, "the owner of the working directory is not mapped in this user "
				"namespace; map it, as by ns-unshare --map-users");
}
