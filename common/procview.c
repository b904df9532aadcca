/*
 * procview.c - which PID namespace a proc shows, and which one it should show
 *
 * SPDX-License-Identifier: MIT
 */
#include "procview.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "mnt.h"
#include "nstype.h"
#include "num.h"
#include "pidfd.h"
#include "procfs.h"
#include "trace.h"

/* The inode that the root of every proc has (PROC_ROOT_INO). */
enum { PROC_ROOT_INODE = 1 };

bool procview_is_proc(int fd)
{
	struct statfs fs;
	struct stat st;

	return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == KERNEL_PROC_MAGIC &&
	       fstat(fd, &st) == 0 && st.st_ino == PROC_ROOT_INODE;
}

int procview_levels(int fd)
{
	autofd self = -1;
	struct procfs_status status;

	if (!procview_is_proc(fd))
		return PROCVIEW_NONE;
	self = openat(fd, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (self < 0)
		return errno == ENOENT ? 0 : PROCVIEW_UNREAD;
	return procfs_read_status(self, &status) == 0 ? (int)status.levels : PROCVIEW_UNREAD;
}

pid_t procview_find_self(int proc)
{
	char text[16];
	ssize_t n = proc < 0 ? -1 : readlinkat(proc, "self", text, sizeof(text) - 1);
	int pid;

	if (n < 0)
		return 0;
	text[n] = '\0';
	return procfs_parse_number(text, &pid) ? pid : 0;
}

void procview_start(struct procview *view, const char *dir)
{
	*view = (struct procview){ .target = -1, .root = -1, .dir = dir, .at = -1 };
	view->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!procview_is_proc(view->proc))
		close_fd(&view->proc);
	view->tool = procview_find_self(view->proc);
}

int procview_open_own(const struct procview *view, const struct nstype *type)
{
	char path[32];
	int fd = -1;

	snprintf(path, sizeof(path), "self/%s", type->link);
	if (view->proc >= 0)
		fd = openat(view->proc, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : pidfd_open_own(type->pidfd_get);
}

ino_t procview_inode(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

bool procview_is_ours(int ns)
{
	autofd owner = ns < 0 ? -1 : ioctl(ns, KERNEL_NS_GET_USERNS);

	return owner >= 0 || (ns >= 0 && errno != EPERM);
}

static void take_namespaces(struct procview *view, int mnt, int pid)
{
	const struct nstype *type = nstype_by_flag(CLONE_NEWNS);

	view->mnt = procview_inode(mnt);
	view->pid = procview_inode(pid);
	view->is_doubtful = view->mnt == 0 || view->mnt == type->initial || !procview_is_ours(mnt);
}

/*
 * Without a fork, unshare(2) leaves us where we are.  Until the new PID namespace has its
 * first process its link leads nowhere (4.12).
 */
static bool has_left(const struct procview *view)
{
	const struct nstype *type = nstype_by_flag(CLONE_NEWPID);
	autofd children = -1;
	char path[48];
	struct stat st;

	if (view->proc < 0) {
		children = pidfd_open_own(KERNEL_PIDFD_GET_PID_FOR_CHILDREN);
		return children >= 0 && procview_inode(children) != view->pid;
	}
	snprintf(path, sizeof(path), "self/%s", type->new_link);
	if (view->pid == 0 || fstatat(view->proc, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	return fstatat(view->proc, path, &st, 0) == 0 ? st.st_ino != view->pid : errno == ENOENT;
}

void procview_take_own(struct procview *view)
{
	autofd mnt = procview_open_own(view, nstype_by_flag(CLONE_NEWNS));
	autofd pid = procview_open_own(view, nstype_by_flag(CLONE_NEWPID));

	take_namespaces(view, mnt, pid);
	view->is_left = has_left(view);
}

void procview_take_target(struct procview *view, const struct target *target, int pid)
{
	autofd mnt = openat(target->proc, "ns/mnt", O_RDONLY | O_CLOEXEC);
	autofd its = openat(target->proc, "ns/pid", O_RDONLY | O_CLOEXEC);

	take_namespaces(view, mnt, pid >= 0 ? pid : its);
	view->target = target->proc;
}

int procview_find_proc(const struct procview *view)
{
	return view->proc >= 0 ? view->proc : procview_is_proc(view->at) ? view->at : -1;
}

int procview_mount_id(int proc, int fd)
{
	char path[40], text[256], *line;
	uint64_t id;

	snprintf(path, sizeof(path), "self/fdinfo/%d", fd);
	if (file_read(proc, path, text, sizeof(text)) <= 0)
		return -1;
	line = strstr(text, "mnt_id:");
	if (line == NULL)
		return -1;
	line += strlen("mnt_id:");
	line += strspn(line, " \t");
	line[strcspn(line, "\n")] = '\0';
	return num_parse(line, INT32_MAX, &id) ? (int)id : -1;
}

/* By whatever path; a bind of it elsewhere is another mount. */
static bool is_root_directory(const struct procview *view)
{
	autofd own = view->root >= 0 ? -1 : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int root = view->root >= 0 ? view->root : own, proc = procview_find_proc(view);

	return file_is_same(view->at, root) &&
	       procview_mount_id(proc, view->at) == procview_mount_id(proc, root);
}

static int find_levels(int proc, const char *name, int *levels, struct failure *f)
{
	*levels = procview_levels(proc);
	return *levels == PROCVIEW_UNREAD ? failure_errno(f, "look for this process in", name) : 0;
}

int procview_resolve(struct procview *view, const char *verb, struct failure *f)
{
	view->at = mnt_open_directory(view->root, view->dir, verb, f);
	if (view->at < 0)
		return -1;
	/* No path of those who are here leads to what covers it, but whoever enters is in it. */
	if (is_root_directory(view))
		return failure_reason(f, verb, view->dir, "it is the root directory");
	if (find_levels(view->proc, "/proc", &view->levels_proc, f) != 0)
		return -1;
	return find_levels(view->at, view->dir, &view->levels_at, f);
}

/* Reads the namespace of a process that is in no other PID namespace than that of its proc. */
static ino_t read_shown(int proc, pid_t pid)
{
	autofd dir = procfs_open(proc, pid);
	struct procfs_status status;
	struct stat st;

	if (dir < 0 || procfs_read_status(dir, &status) != 0 || status.levels != 1 ||
	    fstatat(dir, "ns/pid", &st, 0) != 0)
		return 0;
	return st.st_ino;
}

DIR *procview_open_stream(int dir, const char *name)
{
	autofd fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (stream != NULL)
		take_fd(&fd);
	return stream;
}

ino_t procview_shown(int fd)
{
	ino_t inode = read_shown(fd, 1);
	DIR *stream = inode != 0 ? NULL : procview_open_stream(fd, ".");
	const struct dirent *entry;
	int pid;

	while (stream != NULL && inode == 0 && (entry = readdir(stream)) != NULL)
		if (procfs_parse_number(entry->d_name, &pid))
			inode = read_shown(fd, pid);
	if (stream != NULL)
		closedir(stream);
	return inode;
}

bool procview_matches(const struct procview *view)
{
	if (view->root >= 0 && trace_is_dry_run())
		return procview_is_proc(view->at) && view->pid != 0 &&
		       procview_shown(view->at) == view->pid;
	return view->levels_at == 1;
}

bool procview_is_there(const struct procview *view)
{
	return file_is_same(view->proc, view->at);
}
