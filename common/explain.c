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
#include "cleanup.h"
#include "file.h"
#include "idmap.h"
#include "kernel.h"
#include "nstype.h"
#include "num.h"

void explain_proc(struct failure *f)
{
	struct statfs fs;

	if (statfs("/proc", &fs) != 0 || fs.f_type != KERNEL_PROC_MAGIC)
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
		failure_hint(f, "user.%s is 0; raise it with 'sysctl user.%s=1000', or leave out --%s",
			     type->limit, type->limit, type->option);
	else if (f->error == EPERM && lacks_privilege(flags))
		failure_hint(f, "you lack CAP_SYS_ADMIN here; add --map-root-user (-r) to be root in a "
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

void explain_fork(struct failure *f)
{
	struct rlimit limit;

	if (f->error == EAGAIN && getrlimit(RLIMIT_NPROC, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY && count_own_tasks() >= limit.rlim_cur)
		failure_hint(f, "you have as many processes as RLIMIT_NPROC allows, %llu; "
				"see 'ulimit -u'", (unsigned long long)limit.rlim_cur);
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
	autofree char *path = f->error == EINVAL ? realpath(file, NULL) : NULL;
	char mount_point[PATH_MAX];

	if (path != NULL && find_mount(path, mount_point))
		failure_hint(f, "the mount at %s is shared with other mount namespaces; "
				"run 'mount --make-private %s'", mount_point, mount_point);
}

void explain_exec(struct failure *f, const char *path)
{
	struct stat st;

	if (f->error != EACCES)
		return;
	if (stat(path, &st) == 0 && st.st_uid == KERNEL_OVERFLOW_ID &&
	    (st.st_mode & S_IXUSR) != 0 && !idmap_own_has(&idmap_users, KERNEL_OVERFLOW_ID))
		failure_hint(f, "its owner is not mapped in this user namespace; see --map-users");
}
