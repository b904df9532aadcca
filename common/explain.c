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

int explain_predict(int flags)
{
	return lacks_privilege(flags) ? EPERM : forbidden_type(flags) != NULL ? ENOSPC : 0;
}

void explain_create(struct failure *f, int flags)
{
	const struct nstype *type = f->error == ENOSPC ? forbidden_type(flags) : NULL;

	if (type != NULL)
		failure_hint(f,
			     "user.%s is 0; raise it with 'sysctl user.%s=1000', or leave out --%s",
			     type->limit, type->limit, type->option);
	else if (f->error == EPERM && lacks_privilege(flags))
		failure_hint(
			f, "you lack CAP_SYS_ADMIN here; add --map-root-user (-r) to be root in a "
			   "user namespace of your own");
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
 * Finds the mount that holds path: the last of the longest mount points, field 5 of
 * mountinfo (proc(5)), and whether it is shared, by its optional fields.
 */
static bool find_mount(const char *path, char mount_point[PATH_MAX])
{
	autofile *file = fopen("/proc/self/mountinfo", "re");
	autofree char *line = NULL;
	size_t size = 0;
	bool shared = false;

	mount_point[0] = '\0';
	while (file != NULL && getline(&line, &size, file) > 0) {
		char *save = NULL, *word = strtok_r(line, " ", &save);

		for (int field = 1; word != NULL && field < 5; field++)
			word = strtok_r(NULL, " ", &save);
		if (word == NULL || !is_below(path, word) || strlen(word) < strlen(mount_point))
			continue;
		snprintf(mount_point, PATH_MAX, "%s", word);
		shared = strstr(save, "shared:") != NULL;
	}
	return shared;
}

void explain_pin(struct failure *f, const char *file)
{
	autofree char *copy = strdup(file);
	autofree char *path = NULL;
	char mount_point[PATH_MAX];

	/* The directory: a file of ours is gone by now. */
	if (f->error == EINVAL && copy != NULL)
		path = realpath(dirname(copy), NULL);
	if (path != NULL && find_mount(path, mount_point))
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
		failure_hint(f, "its owner is not mapped in this user namespace; see --map-users");
	else if (path[0] != '/' && is_unmapped_owners("."))
		failure_hint(f, "the owner of the working directory is not mapped in this user "
				"namespace; see --map-users");
}
