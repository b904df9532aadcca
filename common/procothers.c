/*
 * procothers.c - who else is in a mount namespace, and would see a proc that is mounted there
 *
 * SPDX-License-Identifier: MIT
 */
#include "procothers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caps.h"
#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "mnt.h"
#include "nstype.h"
#include "procfs.h"

/*
 * The proc to look for others through, or -1: that which shows the outermost PID namespace.
 * If /proc shows but our own, that is one which is at view->at and does not.
 */
static int find_widest(const struct procview *view)
{
	int levels = view->levels_proc, its = view->levels_at;

	return its > levels || (its == 0 && levels == 1) ? view->at : view->proc;
}

static ino_t namespace_of(int dir, const char *link)
{
	struct stat st;

	return fstatat(dir, link, &st, 0) == 0 ? st.st_ino : 0;
}

/* Is its PID namespace below ours?  Those above us end the way up: EPERM (ioctl_ns(2)). */
static bool is_below(const struct procview *view, int dir)
{
	autofd ns = openat(dir, "ns/pid", O_RDONLY | O_CLOEXEC);

	while (ns >= 0 && procview_inode(ns) != view->pid) {
		int parent = ioctl(ns, KERNEL_NS_GET_PARENT);

		close_fd(&ns);
		ns = parent;
	}
	return ns >= 0;
}

static bool is_outside(const struct procview *view, int dir)
{
	ino_t pid = namespace_of(dir, "ns/pid");

	if (view->pid != 0 && (pid == view->pid || is_below(view, dir)))
		return false;
	/* The parent that waits for the first process in there (unshare(1)). */
	return view->pid == 0 || namespace_of(dir, "ns/pid_for_children") != view->pid;
}

/* Whatever else keeps us from looking, as too few descriptors, must not pass for this. */
static bool has_ended(void)
{
	return errno == ENOENT || errno == ESRCH;
}

static int add_process(const struct procview *view, struct procothers *others, int dir, pid_t pid)
{
	struct procothers_process *more =
		realloc(others->process, (others->count + 1) * sizeof(*more));
	char command[64];
	ssize_t n;

	if (more == NULL)
		return -1;
	others->process = more;
	more += others->count++;
	*more = (struct procothers_process){ .pid = pid, .is_outside = is_outside(view, dir) };
	others->outside += more->is_outside;
	n = file_read(dir, "comm", command, sizeof(command));
	if (n > 0)
		snprintf(more->command, sizeof(more->command), "%.*s", (int)strcspn(command, "\n"),
			 command);
	return n >= 0 || has_ended() ? 0 : -1;
}

enum place { ELSEWHERE, HERE, UNREAD };

/* Where a process is, or one of its threads. */
static enum place find_place(const struct procview *view, int dir)
{
	ino_t mnt = namespace_of(dir, "ns/mnt");
	char program[8];

	if (mnt == 0)
		return has_ended() ? ELSEWHERE : UNREAD;
	/* What has no program is a thread of the kernel's. */
	if (mnt != view->mnt ||
	    (readlinkat(dir, "exe", program, sizeof(program)) < 0 && errno == ENOENT))
		return ELSEWHERE;
	return HERE;
}

/*
 * The threads of a process whose first one is elsewhere or has ended: *thread is one that
 * is here, and *place what is known then.  Few processes have more than one: the number of
 * links tells.  Returns 0, or -1 with errno.
 */
static int find_thread(const struct procview *view, int dir, int *thread, enum place *place)
{
	struct stat st;
	DIR *stream;
	const struct dirent *entry;
	int tid, status = 0;

	if (fstatat(dir, "task", &st, 0) == 0 && st.st_nlink <= 3)
		return 0;
	stream = procview_open_stream(dir, "task");
	if (stream == NULL)
		return has_ended() ? 0 : -1;
	while (status == 0 && *place != HERE && (entry = readdir(stream)) != NULL) {
		if (!procfs_parse_number(entry->d_name, &tid))
			continue;
		close_fd(thread);
		*thread = openat(dirfd(stream), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (*thread < 0)
			status = has_ended() ? 0 : -1;
		else if (find_place(view, *thread) != ELSEWHERE)
			*place = find_place(view, *thread);
	}
	closedir(stream);
	return status;
}

static int visit(const struct procview *view, struct procothers *others, int proc, pid_t pid)
{
	autofd dir = procfs_open(proc, pid), thread = -1;
	enum place place;

	if (dir < 0)
		return has_ended() ? 0 : -1;
	place = find_place(view, dir);
	if (place == ELSEWHERE && find_thread(view, dir, &thread, &place) != 0)
		return -1;
	others->unread += place == UNREAD;
	return place == HERE ? add_process(view, others, thread >= 0 ? thread : dir, pid) : 0;
}

/* Elsewhere one is root by -r or its like, and only over what is there. */
static bool is_initial_user(const struct procview *view)
{
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);
	autofd own = procview_open_own(view, user);

	return procview_inode(own) == user->initial;
}

/* With hidepid=invisible those are not even there who may not be traced (proc(5)). */
static bool hides_others(const struct procview *view, int proc)
{
	return view->is_doubtful && !(caps_have(CAP_SYS_PTRACE) && is_initial_user(view)) &&
	       procfs_hides(proc);
}

int procothers_find(const struct procview *view, struct procothers *others, struct failure *f)
{
	int proc = find_widest(view), pid, status = 0;
	DIR *stream = proc < 0 ? NULL : procview_open_stream(proc, ".");
	pid_t self = procview_find_self(proc);
	const struct dirent *entry;

	*others = (struct procothers){ .is_known = proc >= 0 && !hides_others(view, proc) };
	if (proc >= 0 && stream == NULL)
		return failure_errno(f, "look for processes in", "/proc");
	while (stream != NULL && status == 0 && (entry = readdir(stream)) != NULL)
		if (procfs_parse_number(entry->d_name, &pid) && pid != self && pid != view->tool)
			status = visit(view, others, proc, pid);
	if (stream != NULL)
		closedir(stream);
	/* All that our own proc shows is in our PID namespace, or below it. */
	if (!view->is_doubtful || (proc == view->at ? view->levels_at : view->levels_proc) == 1)
		others->unread = 0;
	return status == 0 ? 0 : failure_errno(f, "look for processes in", "/proc");
}

void procothers_free(struct procothers *others)
{
	free(others->process);
	*others = (struct procothers){ 0 };
}

/* "812 (bash) and 36 more" */
static void name_outside(const struct procothers *others, char *text, size_t size)
{
	size_t more = others->outside + others->unread;

	for (size_t i = 0; i < others->count && others->outside > 0; i++) {
		const struct procothers_process *p = &others->process[i];

		if (!p->is_outside)
			continue;
		if (more == 1)
			snprintf(text, size, "%d (%s)", (int)p->pid, p->command);
		else
			snprintf(text, size, "%d (%s) and %zu more", (int)p->pid, p->command,
				 more - 1);
		return;
	}
	if (more > 0)
		snprintf(text, size, "perhaps %zu that may not be looked at", more);
	else
		snprintf(text, size, "perhaps those that /proc hides");
}

int procothers_refuse(const struct procview *view, struct failure *f)
{
	struct procothers others;
	char names[96];
	int status = procothers_find(view, &others, f);

	if (status == 0 && (others.outside + others.unread > 0 ||
			    (!others.is_known && procview_is_proc(view->at)))) {
		name_outside(&others, names, sizeof(names));
		status = failure_reason(f, mnt_proc.verb, view->dir,
					"refusing to cover it for processes of another PID "
					"namespace in this mount namespace: %s",
					names);
		failure_hint(f,
			     "a new PID namespace needs a new mount namespace, too: add -m, as in "
			     "%s; or add --force",
			     is_initial_user(view) ? "'ns-unshare -pm' or 'unshare -pmf'"
						   : "'ns-unshare -rpm' or 'unshare -rpmf', or use "
						     "'ns-unshare -a'");
	}
	procothers_free(&others);
	return status;
}
