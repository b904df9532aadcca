/*
 * procview.h - which PID namespace a proc shows, and which one it should show
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 *
 * A proc shows the PID namespace of the process that mounted it, to every process of the
 * mount namespace that it is mounted in (proc(5), pid_namespaces(7)).  So a process that
 * is in a new PID namespace, but still in the mount namespace of others, would take their
 * processes out of their sight.
 */
#ifndef PROCVIEW_H
#define PROCVIEW_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

#include "message.h"
#include "nstype.h"
#include "target.h"

/* For whom a proc is meant, and where it is to be. */
struct procview {
	int proc;         /* through which processes are seen, or -1: none is there */
	pid_t tool;       /* what we are there, before a fork; 0: not in it */
	ino_t mnt, pid;   /* the namespaces that it is for; 0: unknown */
	bool is_doubtful; /* who cannot be read could well be in this mount namespace */
	bool is_left;     /* our children are in another PID namespace than we (unshare(2)) */
	int target;       /* /proc/PID of whom it is for, who has not been joined, or -1 */
	int root;         /* the directory below which dir is found, or -1: our own */
	const char *dir;
	int at;                     /* that directory, resolved once, or -1 */
	int levels_proc, levels_at; /* procview_levels() of both */
};

/* Before anything is joined: opens the proc at /proc, if one is there. */
void procview_start(struct procview *view, const char *dir);

/* It is for this process as it is by now. */
void procview_take_own(struct procview *view);

/*
 * It is for this target, which has not been joined, and is not let go of; pid, if not -1, is
 * a PID namespace to be taken for its own.
 */
void procview_take_target(struct procview *view, const struct target *target, int pid);

/*
 * Resolves view->dir, once, by mnt_open_directory(), and finds our levels there and in
 * /proc, as we are by now; the root directory is refused.  verb: as there.  Returns 0, or
 * -1 with *f.
 */
int procview_resolve(struct procview *view, const char *verb, struct failure *f);

/* Is it the root directory of a proc? */
bool procview_is_proc(int fd);

/*
 * How many PIDs this process has in the proc at fd: 1: it shows our PID namespace, n: one
 * that is n-1 levels above; 0: another one; or one of these.  Exact ("NSpid", 4.1).
 */
enum {
	PROCVIEW_NONE = -1,   /* it is no proc */
	PROCVIEW_UNREAD = -2, /* with errno: it could not be looked at */
};
int procview_levels(int fd);

/* What this process is in the proc, or 0. */
pid_t procview_find_self(int proc);

/* The PID namespace that the proc at fd shows, where a process in it may be read; or 0. */
ino_t procview_shown(int fd);

/* Does the proc at view->at show what it should?  In a dry run for a target as far as can be read. */
bool procview_matches(const struct procview *view);

/* Is the proc that there is at /proc the one at view->at? */
bool procview_is_there(const struct procview *view);

/* The proc that has ourselves, or -1; it stays view's. */
int procview_find_proc(const struct procview *view);

/*
 * Our own namespace, a descriptor that is the caller's: a proc tells if we are in it, else
 * a pidfd (6.11).  -1: unknown.
 */
int procview_open_own(const struct procview *view, const struct nstype *type);

/* Does the namespace belong to our user namespace, or to one inside (ioctl_ns(2))? */
bool procview_is_ours(int ns);

/* The inode of an open file, or 0. */
ino_t procview_inode(int fd);

/* The ID of the mount that fd is in (proc_pid_fdinfo(5)), or -1. */
int procview_mount_id(int proc, int fd);

/* The entries of a directory in dir: the caller's to close; or NULL with errno. */
DIR *procview_open_stream(int dir, const char *name);

#endif
