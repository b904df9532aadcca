/*
 * cgroup.c - joining a control group of version 2 (cgroups(7))
 *
 * SPDX-License-Identifier: MIT
 */
#include "cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "nstype.h"
#include "trace.h"

/* Where distributions mount it, alone or beside version 1. */
static const char *find_hierarchy(void)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs fs;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (statfs(places[i], &fs) == 0 && fs.f_type == KERNEL_CGROUP2_MAGIC)
			return places[i];
	return NULL;
}

/* The line of version 2, "0::PATH"; a path that leads out of our cgroup namespace begins "/..". */
static char *find_path(char *text)
{
	char *line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");

	if (line == NULL)
		return NULL;
	line = strchr(line, '/');
	if (line != NULL)
		line[strcspn(line, "\n")] = '\0';
	return line;
}

/* Below the hierarchy and nowhere else, whatever the path says. */
static int open_procs(const char *hierarchy, const char *path)
{
	autofd top = open(hierarchy, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char procs[PATH_MAX + 16];

	snprintf(procs, sizeof(procs), ".%s/cgroup.procs", path);
	return top < 0 ? -1
		       : kernel_open(top, procs, O_WRONLY,
				     KERNEL_RESOLVE_BENEATH | KERNEL_RESOLVE_NO_XDEV);
}

/* Our own, in text; or NULL. */
static char *find_own_path(char text[8192])
{
	return file_read(AT_FDCWD, "/proc/self/cgroup", text, 8192) < 0 ? NULL : find_path(text);
}

static bool is_in(const char *path)
{
	char text[8192];
	const char *own = find_own_path(text);

	return own != NULL && strcmp(own, path) == 0;
}

static bool is_end(char c)
{
	return c == '/' || c == '\0';
}

/* To what both are in one must be able to write, too (cgroups(7), "Cgroups delegation"). */
static int check_ancestor(const char *hierarchy, const char *path)
{
	char text[8192], *own = find_own_path(text);
	autofd procs = -1;
	size_t common = 0;

	for (size_t n = 0; own != NULL; n++) {
		if (is_end(own[n]) && is_end(path[n]))
			common = n;
		if (own[n] == '\0' || own[n] != path[n])
			break;
	}
	if (own == NULL)
		return -1;
	own[common] = '\0';
	procs = open_procs(hierarchy, own);
	return procs < 0 ? -1 : 0;
}

/* A path of "/.." or of "/" alone may be what a cgroup namespace makes of another one. */
static int check_path(const char *path, struct failure *f)
{
	struct stat st;

	if (strncmp(path, "/..", 3) != 0 && (stat("/proc/self/ns/cgroup", &st) != 0 ||
					     st.st_ino == nstype_by_flag(CLONE_NEWCGROUP)->initial))
		return 0;
	return failure_reason(f, "join cgroup", path,
			      "your cgroup namespace does not show where that is");
}

int cgroup_join(const struct target *target, struct failure *f)
{
	const char *hierarchy = find_hierarchy(), *path;
	char text[8192], pid[16];
	autofd procs = -1;

	snprintf(pid, sizeof(pid), "%d", (int)target->pid);
	if (file_read(target->proc, "cgroup", text, sizeof(text)) < 0)
		return failure_errno(f, "find the cgroup of process", pid);
	path = find_path(text);
	if (hierarchy == NULL || path == NULL)
		return failure_reason(f, "join the cgroup", NULL,
				      "no hierarchy of version 2 is mounted below /sys/fs/cgroup");
	if (check_path(path, f) != 0)
		return -1;
	procs = open_procs(hierarchy, path);
	if (procs < 0)
		return failure_errno(f, "join cgroup", path);
	if (trace_is_dry_run() && check_ancestor(hierarchy, path) != 0)
		return failure_errno(f, "join cgroup", path);
	if (!trace_call("write(\"%s%s/cgroup.procs\", \"0\")", hierarchy, path))
		return 0;
	if (trace_result(write(procs, "0", 1)) != 1)
		return failure_errno(f, "join cgroup", path);
	return is_in(path) ? 0 : failure_reason(f, "join cgroup", path, "it is another one");
}
