/*
 * target.c - a process that is held, so that it stays the one that was meant
 *
 * SPDX-License-Identifier: MIT
 */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "pidfd.h"

static const char *pid_text(pid_t pid, char text[16])
{
	snprintf(text, 16, "%d", (int)pid);
	return text;
}

static int enter_failure(pid_t pid, const char *reason, struct failure *f)
{
	char text[16];

	return failure_reason(f, "enter process", pid_text(pid, text), "%s", reason);
}

/* A thread is no process: pidfd_open(2) does not find it, but /proc has a directory for it. */
static int cannot_find(pid_t pid, struct failure *f)
{
	char path[64], text[4096], *leader;
	int error = errno;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((error == ENOENT || error == EINVAL) &&
	    file_read(AT_FDCWD, path, text, sizeof(text)) > 0 &&
	    (leader = strstr(text, "\nTgid:\t")) != NULL) {
		leader += strlen("\nTgid:\t");
		failure_reason(f, "enter process", pid_text(pid, path),
			       "it is a thread of process %.*s", (int)strcspn(leader, "\n"),
			       leader);
		return -1;
	}
	return enter_failure(pid, error == ESRCH ? "no such process" : strerror(error), f);
}

static int check_inode(const struct target *target, ino_t wanted, struct failure *f)
{
	uint64_t inode;

	if (wanted == 0)
		return 0;
	if (pidfd_read_inode(target->pidfd, &inode) != 0)
		return enter_failure(target->pid, "pidfds have no inodes before Linux 6.9", f);
	if (inode == wanted)
		return 0;
	return enter_failure(target->pid, "it is not the one meant (pidfd inode differs)", f);
}

int target_gone(const struct target *target, struct failure *f)
{
	struct stat st;

	return enter_failure(target->pid,
			     fstatat(target->proc, "ns", &st, 0) == 0 ? "it has exited (zombie)"
								      : "no such process",
			     f);
}

int target_check(const struct target *target, struct failure *f)
{
	return pidfd_has_ended(target->pidfd) ? target_gone(target, f) : 0;
}

/* It lives: what is the matter with /proc? */
static int cannot_show(pid_t pid, struct failure *f)
{
	char path[32];
	struct statfs fs;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	failure_errno(f, "open", path);
	if (statfs("/proc", &fs) == 0 && fs.f_type == KERNEL_PROC_MAGIC &&
	    access("/proc/self", F_OK) != 0)
		enter_failure(pid, "/proc is that of another PID namespace", f);
	return -1;
}

int target_open(struct target *target, pid_t pid, ino_t pidfd_inode, struct failure *f)
{
	*target = (struct target){ .pid = pid, .proc = -1 };
	target->pidfd = (int)syscall(KERNEL_SYS_pidfd_open, pid, 0);
	if (target->pidfd < 0)
		return cannot_find(pid, f);
	target->proc = pidfd_open_proc(target->pidfd);
	if (target->proc < 0 && !pidfd_has_ended(target->pidfd))
		cannot_show(pid, f);
	else if (check_inode(target, pidfd_inode, f) == 0 && target_check(target, f) == 0)
		return 0;
	target_close(target);
	return -1;
}

void target_close(struct target *target)
{
	close_fd(&target->pidfd);
	close_fd(&target->proc);
}

/* It lives, but nothing is to be seen of it: not even what all may read (proc(5), hidepid). */
static bool is_hidden(const struct target *target)
{
	struct stat st;

	return fstatat(target->proc, "stat", &st, 0) != 0 && !pidfd_has_ended(target->pidfd);
}

int target_shares(const struct target *target, const struct nstype *type, const char *link,
		  struct failure *f)
{
	struct stat own, its;
	char path[64], text[16];

	snprintf(path, sizeof(path), "/proc/self/%s", type->link);
	if (stat(path, &own) != 0)
		return nstype_exists(type) ? failure_errno(f, "look at", path) : 1;
	if (fstatat(target->proc, link, &its, 0) == 0)
		return own.st_ino == its.st_ino && own.st_dev == its.st_dev;
	/* One that is exiting has given up this one already. */
	if (errno == ENOENT || errno == ESRCH)
		return enter_failure(target->pid,
				     is_hidden(target) ? "/proc hides it from you (hidepid)"
						       : "no such process",
				     f);
	return failure_errno(f, "read the namespaces of process", pid_text(target->pid, text));
}

int target_open_file(const struct target *target, const char *name, int flags, struct failure *f)
{
	char path[64];
	int fd = openat(target->proc, name, flags | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)target->pid, name);
	return failure_errno(f, "open", path);
}
