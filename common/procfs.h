/*
 * procfs.h - what /proc/PID says of one process
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 *
 * Everything is read through a descriptor of the directory /proc/PID: it stays with
 * the one process, whatever becomes of its PID (proc(5)).  All of these fail with
 * ESRCH or ENOENT when the process has ended, and with EACCES or EPERM where the
 * caller has no PTRACE_MODE_READ access to it (ptrace(2)).
 */
#ifndef PROCFS_H
#define PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "nstype.h"

/* The deepest nesting of PID namespaces (pid_namespaces(7)), the initial one included. */
enum { PROCFS_LEVELS = 33 };

/* Longest command that is read; more of it is cut off. */
enum { PROCFS_COMMAND_BYTES = 4096 };

/* Of /proc/PID/stat. */
struct procfs_stat {
	char state;
	pid_t ppid;
	uint64_t start; /* clock ticks after boot; with the PID it names one process */
};

/* Of /proc/PID/status; IDs are those of the reader's user namespace. */
struct procfs_status {
	uid_t uid; /* effective, as the group */
	gid_t gid;
	uid_t real_uid, saved_uid;
	gid_t real_gid, saved_gid;
	uint64_t permitted; /* capabilities, in its own user namespace */
	pid_t ppid;
	/*
	 * The process and the leaders of its thread group, process group and session, at
	 * each level from that of the proc inwards; 0 where the leader is outside.
	 */
	size_t levels;
	pid_t pid[PROCFS_LEVELS], tgid[PROCFS_LEVELS], pgid[PROCFS_LEVELS], sid[PROCFS_LEVELS];
};

/* A mounted namespace, a line of /proc/PID/mountinfo. */
struct procfs_nsfs {
	const struct nstype *type;
	ino_t inode;
	const char *mount_point; /* as the process sees it, below its root directory */
};

/* Opens /proc/PID below proc; an O_PATH descriptor, or -1. */
int procfs_open(int proc, pid_t pid);

/*
 * The caller's PID as this proc has it, or 0.  Returns 1 if the proc is the one of the
 * caller's own PID namespace (NSpid of "self", 4.1), 0 if it is that of another, and -1
 * with errno if that cannot be told.
 */
int procfs_find_self(int proc, pid_t *self);

/* Does it keep processes that the caller may not trace out of sight (hidepid, proc(5))? */
bool procfs_hides(int proc);

/* Does this name of a directory entry name a process, thread or descriptor? */
bool procfs_parse_number(const char *name, int *number);

/* "net:[4026531833]" to its parts; false for any other text. */
bool procfs_parse_link(const char *text, const struct nstype **type, ino_t *inode);

/* The inode that dir/name refers to, as in procfs_parse_link(); 0, or -1 with errno. */
int procfs_read_link(int dir, const char *name, const struct nstype **type, ino_t *inode);

int procfs_read_stat(int dir, struct procfs_stat *stat);
int procfs_read_status(int dir, struct procfs_status *status);

/*
 * The command line with a blank between its words, or the name of the program where
 * there is none (kernel threads, zombies); as many bytes as fit.  Returns 0 or -1.
 */
int procfs_read_command(int dir, char *buf, size_t size);

/* The path in the version 2 hierarchy, or else in the first that is listed (cgroups(7)). */
int procfs_read_cgroup(int dir, char *buf, size_t size);

/* The lines of uid_map or gid_map as "INNER:OUTER:COUNT", with commas between them. */
int procfs_read_map(int dir, const char *name, char *buf, size_t size);

/*
 * Calls found(context, mount) for each mount of type nsfs in dir/mountinfo.  They are
 * read line by line: there may be more than fits in memory.  Returns 0 or -1.
 */
int procfs_find_nsfs(int dir, void (*found)(void *context, const struct procfs_nsfs *mount),
		     void *context);

/* Seconds since the epoch at which the system was booted, or 0 (btime in /proc/stat). */
int64_t procfs_boot_time(int proc);

#endif
