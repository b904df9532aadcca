/*
 * procmount.c - the proc of a PID namespace: is it there, whom would it harm, mount it
 *
 * SPDX-License-Identifier: MIT
 */
#include "procmount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caps.h"
#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "mounttable.h"
#include "nstype.h"
#include "num.h"
#include "probe.h"
#include "procfs.h"
#include "trace.h"

/* The inode that the root of every proc has (PROC_ROOT_INO). */
enum { PROC_ROOT_INODE = 1 };

static bool is_proc(int fd)
{
	struct statfs fs;
	struct stat st;

	return fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == KERNEL_PROC_MAGIC &&
	       fstat(fd, &st) == 0 && st.st_ino == PROC_ROOT_INODE;
}

int procmount_levels(int fd)
{
	autofd self = -1;
	struct procfs_status status;

	if (!is_proc(fd))
		return -1;
	self = openat(fd, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return self >= 0 && procfs_read_status(self, &status) == 0 ? (int)status.levels : 0;
}

/* What this process is in the proc, or 0. */
static pid_t find_self(int proc)
{
	char text[16];
	ssize_t n = proc < 0 ? -1 : readlinkat(proc, "self", text, sizeof(text) - 1);
	int pid;

	if (n < 0)
		return 0;
	text[n] = '\0';
	return procfs_parse_number(text, &pid) ? pid : 0;
}

void procmount_start(struct procmount *pm, const char *dir)
{
	*pm = (struct procmount){ .target = -1, .root = -1, .dir = dir, .at = -1 };
	pm->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!is_proc(pm->proc))
		close_fd(&pm->proc);
	pm->tool = find_self(pm->proc);
}

/* A namespace of ours, by KERNEL_PIDFD_GET_* (6.11); -1: unknown. */
static int ask_pidfd(unsigned which)
{
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, getpid(), 0);

	return pidfd < 0 ? -1 : ioctl(pidfd, which, 0);
}

/* Our own namespace: a proc tells if we are in it, else a pidfd (6.11).  -1: unknown. */
static int open_own(const struct procmount *pm, const struct nstype *type)
{
	char path[32];
	int fd = -1;

	snprintf(path, sizeof(path), "self/%s", type->link);
	if (pm->proc >= 0)
		fd = openat(pm->proc, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : ask_pidfd(type->pidfd_get);
}

static ino_t inode_of(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 ? st.st_ino : 0;
}

/* Does it belong to our user namespace, or to one inside (ioctl_ns(2))? */
static bool is_ours(int ns)
{
	autofd owner = ns < 0 ? -1 : ioctl(ns, KERNEL_NS_GET_USERNS);

	return owner >= 0 || (ns >= 0 && errno != EPERM);
}

static void take_namespaces(struct procmount *pm, int mnt, int pid)
{
	const struct nstype *type = nstype_by_flag(CLONE_NEWNS);

	pm->mnt = inode_of(mnt);
	pm->pid = inode_of(pid);
	pm->is_doubtful = pm->mnt == 0 || pm->mnt == type->initial || !is_ours(mnt);
}

/*
 * Without a fork, unshare(2) leaves us where we are.  Until the new PID namespace has its
 * first process its link leads nowhere (4.12).
 */
static bool has_left(const struct procmount *pm)
{
	const struct nstype *type = nstype_by_flag(CLONE_NEWPID);
	autofd children = -1;
	char path[48];
	struct stat st;

	if (pm->proc < 0) {
		children = ask_pidfd(KERNEL_PIDFD_GET_PID_FOR_CHILDREN);
		return children >= 0 && inode_of(children) != pm->pid;
	}
	snprintf(path, sizeof(path), "self/%s", type->new_link);
	if (pm->pid == 0 || fstatat(pm->proc, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	return fstatat(pm->proc, path, &st, 0) == 0 ? st.st_ino != pm->pid : errno == ENOENT;
}

void procmount_take_own(struct procmount *pm)
{
	autofd mnt = open_own(pm, nstype_by_flag(CLONE_NEWNS));
	autofd pid = open_own(pm, nstype_by_flag(CLONE_NEWPID));

	take_namespaces(pm, mnt, pid);
	pm->is_left = has_left(pm);
}

void procmount_take_target(struct procmount *pm, const struct target *target, int pid)
{
	autofd mnt = openat(target->proc, "ns/mnt", O_RDONLY | O_CLOEXEC);
	autofd its = openat(target->proc, "ns/pid", O_RDONLY | O_CLOEXEC);

	take_namespaces(pm, mnt, pid >= 0 ? pid : its);
	pm->target = target->proc;
}

/* The proc that has ourselves, or -1. */
static int find_proc(const struct procmount *pm)
{
	return pm->proc >= 0 ? pm->proc : is_proc(pm->at) ? pm->at : -1;
}

/* The ID of the mount that fd is in (proc_pid_fdinfo(5)), or -1. */
static int mount_id(int proc, int fd)
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
static bool is_root_directory(const struct procmount *pm)
{
	autofd own = pm->root >= 0 ? -1 : open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int root = pm->root >= 0 ? pm->root : own, proc = find_proc(pm);

	return file_is_same(pm->at, root) && mount_id(proc, pm->at) == mount_id(proc, root);
}

int procmount_resolve(struct procmount *pm, const char *verb, struct failure *f)
{
	pm->at = mnt_open_directory(pm->root, pm->dir, verb, f);
	if (pm->at < 0)
		return -1;
	/* No path of those who are here leads to what covers it, but whoever enters is in it. */
	return is_root_directory(pm) ? failure_reason(f, verb, pm->dir, "it is the root directory")
				     : 0;
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

static DIR *open_stream(int dir, const char *name)
{
	autofd fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (stream != NULL)
		take_fd(&fd);
	return stream;
}

ino_t procmount_shown(int fd)
{
	ino_t inode = read_shown(fd, 1);
	DIR *stream = inode != 0 ? NULL : open_stream(fd, ".");
	const struct dirent *entry;
	int pid;

	while (stream != NULL && inode == 0 && (entry = readdir(stream)) != NULL)
		if (procfs_parse_number(entry->d_name, &pid))
			inode = read_shown(fd, pid);
	if (stream != NULL)
		closedir(stream);
	return inode;
}

bool procmount_matches(const struct procmount *pm)
{
	if (pm->root >= 0 && trace_is_dry_run())
		return is_proc(pm->at) && pm->pid != 0 && procmount_shown(pm->at) == pm->pid;
	return procmount_levels(pm->at) == 1;
}

/*
 * The proc to look for others through, or -1: that which shows the outermost PID namespace.
 * If /proc shows but our own, that is one which is at pm->at and does not.
 */
static int find_widest(const struct procmount *pm)
{
	int levels = procmount_levels(pm->proc), its = procmount_levels(pm->at);

	return its > levels || (its == 0 && levels == 1) ? pm->at : pm->proc;
}

static ino_t namespace_of(int dir, const char *link)
{
	struct stat st;

	return fstatat(dir, link, &st, 0) == 0 ? st.st_ino : 0;
}

/* Is its PID namespace below ours?  Those above us end the way up: EPERM (ioctl_ns(2)). */
static bool is_below(const struct procmount *pm, int dir)
{
	autofd ns = openat(dir, "ns/pid", O_RDONLY | O_CLOEXEC);

	while (ns >= 0 && inode_of(ns) != pm->pid) {
		int parent = ioctl(ns, KERNEL_NS_GET_PARENT);

		close_fd(&ns);
		ns = parent;
	}
	return ns >= 0;
}

static bool is_outside(const struct procmount *pm, int dir)
{
	ino_t pid = namespace_of(dir, "ns/pid");

	if (pm->pid != 0 && (pid == pm->pid || is_below(pm, dir)))
		return false;
	/* The parent that waits for the first process in there (unshare(1)). */
	return pm->pid == 0 || namespace_of(dir, "ns/pid_for_children") != pm->pid;
}

/* Whatever else keeps us from looking, as too few descriptors, must not pass for this. */
static bool has_ended(void)
{
	return errno == ENOENT || errno == ESRCH;
}

static int add_process(const struct procmount *pm, struct procmount_others *others, int dir,
		       pid_t pid)
{
	struct procmount_process *more =
		realloc(others->process, (others->count + 1) * sizeof(*more));
	char command[64];
	ssize_t n;

	if (more == NULL)
		return -1;
	others->process = more;
	more += others->count++;
	*more = (struct procmount_process){ .pid = pid, .is_outside = is_outside(pm, dir) };
	others->outside += more->is_outside;
	n = file_read(dir, "comm", command, sizeof(command));
	if (n > 0)
		snprintf(more->command, sizeof(more->command), "%.*s", (int)strcspn(command, "\n"),
			 command);
	return n >= 0 || has_ended() ? 0 : -1;
}

enum place { ELSEWHERE, HERE, UNREAD };

/* Where a process is, or one of its threads. */
static enum place find_place(const struct procmount *pm, int dir)
{
	ino_t mnt = namespace_of(dir, "ns/mnt");
	char program[8];

	if (mnt == 0)
		return has_ended() ? ELSEWHERE : UNREAD;
	/* What has no program is a thread of the kernel's. */
	if (mnt != pm->mnt ||
	    (readlinkat(dir, "exe", program, sizeof(program)) < 0 && errno == ENOENT))
		return ELSEWHERE;
	return HERE;
}

/*
 * The threads of a process whose first one is elsewhere or has ended: *thread is one that
 * is here, and *place what is known then.  Few processes have more than one: the number of
 * links tells.  Returns 0, or -1 with errno.
 */
static int find_thread(const struct procmount *pm, int dir, int *thread, enum place *place)
{
	struct stat st;
	DIR *stream;
	const struct dirent *entry;
	int tid, status = 0;

	if (fstatat(dir, "task", &st, 0) == 0 && st.st_nlink <= 3)
		return 0;
	stream = open_stream(dir, "task");
	if (stream == NULL)
		return has_ended() ? 0 : -1;
	while (status == 0 && *place != HERE && (entry = readdir(stream)) != NULL) {
		if (!procfs_parse_number(entry->d_name, &tid))
			continue;
		close_fd(thread);
		*thread = openat(dirfd(stream), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (*thread < 0)
			status = has_ended() ? 0 : -1;
		else if (find_place(pm, *thread) != ELSEWHERE)
			*place = find_place(pm, *thread);
	}
	closedir(stream);
	return status;
}

static int visit(const struct procmount *pm, struct procmount_others *others, int proc, pid_t pid)
{
	autofd dir = procfs_open(proc, pid), thread = -1;
	enum place place;

	if (dir < 0)
		return has_ended() ? 0 : -1;
	place = find_place(pm, dir);
	if (place == ELSEWHERE && find_thread(pm, dir, &thread, &place) != 0)
		return -1;
	others->unread += place == UNREAD;
	return place == HERE ? add_process(pm, others, thread >= 0 ? thread : dir, pid) : 0;
}

/* Elsewhere one is root by -r or its like, and only over what is there. */
static bool is_initial_user(const struct procmount *pm)
{
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);
	autofd own = open_own(pm, user);

	return inode_of(own) == user->initial;
}

/* With hidepid=invisible those are not even there who may not be traced (proc(5)). */
static bool hides_others(const struct procmount *pm, int proc)
{
	return pm->is_doubtful && !(caps_have(CAP_SYS_PTRACE) && is_initial_user(pm)) &&
	       procfs_hides(proc);
}

int procmount_find_others(const struct procmount *pm, struct procmount_others *others,
			  struct failure *f)
{
	int proc = find_widest(pm), pid, status = 0;
	DIR *stream = proc < 0 ? NULL : open_stream(proc, ".");
	pid_t self = find_self(proc);
	const struct dirent *entry;

	*others = (struct procmount_others){ .is_known = proc >= 0 && !hides_others(pm, proc) };
	if (proc >= 0 && stream == NULL)
		return failure_errno(f, "look for processes in", "/proc");
	while (stream != NULL && status == 0 && (entry = readdir(stream)) != NULL)
		if (procfs_parse_number(entry->d_name, &pid) && pid != self && pid != pm->tool)
			status = visit(pm, others, proc, pid);
	if (stream != NULL)
		closedir(stream);
	/* All that our own proc shows is in our PID namespace, or below it. */
	if (!pm->is_doubtful || procmount_levels(proc) == 1)
		others->unread = 0;
	return status == 0 ? 0 : failure_errno(f, "look for processes in", "/proc");
}

void procmount_free_others(struct procmount_others *others)
{
	free(others->process);
	*others = (struct procmount_others){ 0 };
}

/* "812 (bash) and 36 more" */
static void name_outside(const struct procmount_others *others, char *text, size_t size)
{
	size_t more = others->outside + others->unread;

	for (size_t i = 0; i < others->count && others->outside > 0; i++) {
		const struct procmount_process *p = &others->process[i];

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

int procmount_refuse_others(const struct procmount *pm, struct failure *f)
{
	struct procmount_others others;
	char names[96];
	int status = procmount_find_others(pm, &others, f);

	if (status == 0 &&
	    (others.outside + others.unread > 0 || (!others.is_known && is_proc(pm->at)))) {
		name_outside(&others, names, sizeof(names));
		status = failure_reason(f, mnt_proc.verb, pm->dir,
					"refusing to cover it for processes of another PID "
					"namespace in this mount namespace: %s",
					names);
		failure_hint(f,
			     "a new PID namespace needs a new mount namespace, too: add -m, as in "
			     "%s; or add --force",
			     is_initial_user(pm) ? "'ns-unshare -pm' or 'unshare -pmf'"
						 : "'ns-unshare -rpm' or 'unshare -rpmf', or use "
						   "'ns-unshare -a'");
	}
	procmount_free_others(&others);
	return status;
}

/* The mounts of whom it is for; NULL where no proc has us. */
static struct mounttable *read_table(const struct procmount *pm)
{
	int proc = find_proc(pm);
	autofd fd = pm->target >= 0 ? openat(pm->target, "mountinfo", O_RDONLY | O_CLOEXEC)
		    : proc < 0      ? -1
				    : openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	autofile *file = fd < 0 ? NULL : fdopen(fd, "re");

	if (file == NULL)
		return NULL;
	take_fd(&fd);
	return mounttable_read(file);
}

/* What is mounted below the mount of this ID, and hides something of it. */
struct mask_search {
	int parent;
	size_t prefix; /* of its mount point */
	struct procmount_place *place;
};

/* Places that were made to be mounted on hide nothing, at whatever place the proc is. */
static bool hides_something(const struct mask_search *search, const char *mount_point)
{
	char usual[512];

	snprintf(usual, sizeof(usual), "/proc%s",
		 strlen(mount_point) > search->prefix ? mount_point + search->prefix : "");
	return !probe_is_place_for_mounts(usual);
}

static void add_mask(void *context, const struct mounttable_entry *entry)
{
	const struct mask_search *search = context;
	struct procmount_place *place = search->place;
	char **more;

	if (entry->parent != search->parent || strlen(entry->mount_point) <= search->prefix ||
	    !hides_something(search, entry->mount_point))
		return;
	more = realloc(place->masks, (place->mask_count + 1) * sizeof(*more));
	if (more == NULL)
		return;
	place->masks = more;
	more[place->mask_count] = strdup(entry->mount_point);
	place->mask_count += more[place->mask_count] != NULL;
}

static void find_masks(struct mounttable *table, const struct mounttable_entry *entry,
		       struct procmount_place *place)
{
	struct mask_search search = { entry->id, strlen(entry->mount_point), place };

	mounttable_each(table, add_mask, &search);
}

void procmount_find_place(const struct procmount *pm, struct procmount_place *place)
{
	struct mounttable *table = read_table(pm);
	struct mounttable_entry entry;

	*place = (struct procmount_place){ 0 };
	if (table != NULL && mounttable_find(table, mount_id(find_proc(pm), pm->at), &entry)) {
		place->is_known = true;
		place->is_shared = entry.is_shared;
		place->is_slave = entry.is_slave;
		snprintf(place->options, sizeof(place->options), "%s,%s", entry.options,
			 entry.fs_options);
		if (is_proc(pm->at))
			find_masks(table, &entry, place);
	}
	mounttable_free(table);
}

void procmount_free_place(struct procmount_place *place)
{
	for (size_t i = 0; i < place->mask_count; i++)
		free(place->masks[i]);
	free(place->masks);
	*place = (struct procmount_place){ 0 };
}

/* Every proc in the table, and what covers parts of them. */
struct proc_search {
	struct mounttable *table;
	struct procmount_place place;
};

static void add_proc(void *context, const struct mounttable_entry *entry)
{
	struct proc_search *search = context;

	if (strcmp(entry->type, "proc") == 0 && strcmp(entry->root, "/") == 0)
		find_masks(search->table, entry, &search->place);
}

static void hint_masks(const struct procmount_place *place, bool can_bind, struct failure *f)
{
	char names[256] = "";
	size_t used = 0, i;

	for (i = 0; i < place->mask_count && used + strlen(place->masks[i]) + 8 < 200; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s'%s'",
					 i > 0 ? ", " : "", place->masks[i]);
	if (i < place->mask_count)
		snprintf(names + used, sizeof(names) - used, "%s%zu more", i > 0 ? " and " : "",
			 place->mask_count - i);
	failure_hint(f,
		     "mounts cover %s, and the kernel makes no proc that would show more; unmount "
		     "them, or run the container with unmask=ALL (podman), "
		     "systempaths=unconfined (docker) or procMount: Unmasked (kubernetes)%s",
		     names, can_bind ? ", or add --fallback=bind" : "");
}

/* The kernel's mount_too_revealing(): what can be seen already limits what can be mounted. */
static void explain_table(const struct procmount *pm, const struct mnt_options *options,
			  struct failure *f)
{
	struct proc_search search = { .table = read_table(pm) };

	if (find_proc(pm) < 0)
		failure_hint(f, "no proc is mounted on /proc, and in a user namespace the kernel "
				"makes one only where another can be seen whole; mount one before "
				"the user namespace is made");
	if (search.table == NULL)
		return;
	mounttable_each(search.table, add_proc, &search);
	if (search.place.mask_count > 0)
		hint_masks(&search.place, pm->root < 0 && options->count == 0, f);
	else if (options->no_atime || options->no_diratime || options->strict_atime)
		failure_hint(f, "in a user namespace the options for access times must be those "
				"of the proc that can be seen; leave them out");
	procmount_free_place(&search.place);
	mounttable_free(search.table);
}

/* Who has no right to it whatever else there is: true, and explained. */
static bool lacks_right(const struct procmount *pm, struct failure *f)
{
	autofd pid = open_own(pm, nstype_by_flag(CLONE_NEWPID));
	autofd mnt = open_own(pm, nstype_by_flag(CLONE_NEWNS));

	if (pid >= 0 && !is_ours(pid))
		failure_hint(f, "this PID namespace belongs to a user namespace around yours; make "
				"a new one here, by 'ns-unshare -pm' or 'unshare -m --pid --fork'");
	else if (mnt >= 0 && !is_ours(mnt))
		failure_hint(f, "this mount namespace belongs to a user namespace around yours; "
				"make a new one here, by 'ns-unshare -pm' or 'unshare -pmf'");
	else if (!caps_have(CAP_SYS_ADMIN))
		failure_hint(f, "you lack CAP_SYS_ADMIN here; be root in a user namespace of your "
				"own, by 'ns-unshare -rpm' or 'unshare -rpmf'");
	else
		return false;
	return true;
}

struct counter {
	size_t mounts;
};

static void count_mount(void *context, const struct mounttable_entry *entry)
{
	struct counter *counter = context;

	(void)entry;
	counter->mounts++;
}

/* fsmount(2) makes a mount namespace, too, which counts.  Is there none to be had?  Tried. */
static bool is_namespace_limit(const struct procmount *pm)
{
	int status = 0;
	pid_t pid = pm->is_left ? -1 : fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWNS) != 0 && errno == ENOSPC);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* mount(2), ENOSPC (4.9). */
static void explain_limit(const struct procmount *pm, struct failure *f)
{
	int proc = find_proc(pm);
	struct mounttable *table = read_table(pm);
	struct counter counter = { 0 };
	char text[32];
	uint64_t most;

	if (table == NULL || file_read(proc, "sys/fs/mount-max", text, sizeof(text)) <= 0)
		return mounttable_free(table);
	text[strcspn(text, "\n")] = '\0';
	mounttable_each(table, count_mount, &counter);
	if (num_parse(text, UINT32_MAX, &most) && counter.mounts + 2 >= most)
		failure_hint(f,
			     "this mount namespace has %zu mounts, and sysctl fs.mount-max allows "
			     "%ju; unmount some, or raise it",
			     counter.mounts, (uintmax_t)most);
	else if (is_namespace_limit(pm))
		failure_hint(f,
			     "a limit is reached: user.%s, here or in an outer user namespace; end "
			     "what you do not need, or raise it",
			     nstype_by_flag(CLONE_NEWNS)->limit);
	mounttable_free(table);
}

static int explain(const struct procmount *pm, const struct mnt_options *options, struct failure *f)
{
	if (f->error == EPERM && !lacks_right(pm, f))
		explain_table(pm, options, f);
	else if (f->error == ENOSPC)
		explain_limit(pm, f);
	return -1;
}

/* Where nothing could be made yet: is it for a reason that no other way will change? */
static int check_right(const struct procmount *pm, struct failure *f)
{
	if (trace_is_dry_run() && pm->root >= 0)
		return 0;
	errno = EPERM;
	failure_errno(f, mnt_proc.verb, pm->dir);
	return lacks_right(pm, f) ? -1 : 0;
}

/* Takes back what was mounted on it: proc, and below that what it was bound on. */
static int take_back(const struct procmount *pm, int on, bool mounted)
{
	if (mounted)
		mnt_detach_from(on, pm->dir);
	if (on != pm->at)
		mnt_detach_from(pm->at, pm->dir);
	return -1;
}

/* Whatever has become of the name: what it leads to now is ours, or nothing is. */
static int verify(const struct procmount *pm, const struct mnt_options *options, struct failure *f)
{
	autofd now = -1;

	if (trace_is_dry_run())
		return 0;
	now = mnt_open_directory(pm->root, pm->dir, mnt_proc.verb, f);
	if (options != NULL ? procmount_levels(now) == 1 : now >= 0 && file_is_same(now, pm->proc))
		return 0;
	return failure_reason(f, mnt_proc.verb, pm->dir,
			      "what is there then is not the proc of this PID namespace; it is "
			      "unmounted again");
}

/* The proc that was made, or without options that at /proc. */
static int put_on(const struct procmount *pm, const struct mnt_options *options, int mounted,
		  int on, struct failure *f)
{
	return options != NULL ? mnt_attach_to(&mnt_proc, options, mounted, on, pm->dir, f)
			       : mnt_bind_to(pm->proc, mnt_proc.usual, on, pm->dir, f);
}

static int attach(const struct procmount *pm, const struct mnt_options *options, int mounted,
		  struct failure *f)
{
	struct procmount_place place;
	int on, bound, status = 0;

	procmount_find_place(pm, &place);
	bound = mnt_make_private(pm->at, !place.is_known || place.is_shared, pm->dir, &on, f);
	procmount_free_place(&place);
	if (bound < 0)
		return -1;
	if (put_on(pm, options, mounted, on, f) != 0) {
		status = take_back(pm, on, false);
	} else {
		if (bound > 0)
			status = pm->is_left || mnt_hide_bind(pm->at, pm->dir) != 0;
		if (verify(pm, options, f) != 0)
			status = take_back(pm, on, true);
	}
	if (on != pm->at)
		close_fd(&on);
	return status;
}

int procmount_mount(const struct procmount *pm, const struct mnt_options *options,
		    struct failure *f)
{
	autofd mounted = -1;
	int status;

	if (trace_is_dry_run() && check_right(pm, f) != 0)
		return -1;
	if (mnt_make(&mnt_proc, options, pm->dir, &mounted, f) != 0)
		return explain(pm, options, f);
	if (mounted < 0 && check_right(pm, f) != 0)
		return -1;
	if (mounted >= 0 && procmount_levels(mounted) != 1)
		return failure_reason(f, mnt_proc.verb, pm->dir,
				      "what was made is not the proc of this PID namespace");
	status = attach(pm, options, mounted, f);
	return status >= 0 ? status : explain(pm, options, f);
}

bool procmount_is_there(const struct procmount *pm)
{
	return file_is_same(pm->proc, pm->at);
}

int procmount_bind(const struct procmount *pm, struct failure *f)
{
	return attach(pm, NULL, -1, f);
}
