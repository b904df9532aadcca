/*
 * censusscan.c - the walk through /proc, and what follows from it
 *
 * SPDX-License-Identifier: MIT
 */
#include "censusscan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "censusmounts.h"
#include "cleanup.h"
#include "kernel.h"
#include "procfs.h"

enum {
	HOLD_MOST = 65536, /* descriptors that are kept open, if RLIMIT_NOFILE allows */
	HOLD_SPARE = 32,   /* and so many are left for passing use */
};

static void close_dir(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

#define autodir __attribute__((cleanup(close_dir))) DIR

/* --- Processes */

/* What is being read of one process. */
struct visit {
	struct census *census;
	struct census_process *process;
	int pidfd; /* -1: by the links */
};

/*
 * By errno.  A process that has ended is no gap; its links answer EACCES then, as if they
 * were forbidden (proc_ns_readlink() in the kernel's fs/proc/namespaces.c).
 */
static void note_error(struct visit *visit)
{
	bool denied = errno == EACCES || errno == EPERM;
	autofd dir = -1;

	if (errno == ESRCH || errno == ENOENT || visit->process->denied)
		return;
	visit->census->no_descriptors |= errno == EMFILE || errno == ENFILE;
	if (denied)
		dir = procfs_open(visit->census->proc, visit->process->pid);
	if (denied && dir < 0 && errno == ENOENT)
		return;
	visit->process->denied = true;
	visit->census->unreadable++;
}

/* A zombie has lost all but its PID and user namespaces, and those have links only. */
static struct census_ns *visit_ns(struct visit *visit, const struct nstype *type)
{
	const struct nstype *found;
	char path[64];
	ino_t inode;

	if (visit->pidfd >= 0 && visit->census->by_pidfd) {
		autofd fd = ioctl(visit->pidfd, type->pidfd_get, 0);

		if (fd >= 0)
			return census_add_open_ns(visit->census, type, &fd);
		if (errno == EACCES || errno == EPERM)
			return NULL;
		visit->census->by_pidfd = errno != ENOTTY;
	}
	snprintf(path, sizeof(path), "%d/%s", visit->process->pid, type->link);
	if (procfs_read_link(visit->census->proc, path, &found, &inode) != 0)
		return NULL;
	return census_add_ns(visit->census, type, inode);
}

/* The namespaces; is the process the first in one of them? */
static bool read_namespaces(struct visit *visit)
{
	struct census_process *process = visit->process;
	bool first = false;

	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		struct census_ns *ns;

		if ((visit->census->flags & nstypes[i].flag) == 0)
			continue;
		ns = process->ns[i] = visit_ns(visit, &nstypes[i]);
		if (ns == NULL) {
			note_error(visit);
			continue;
		}
		first |= ns->processes == 0;
		if (ns->processes++ == 0)
			ns->first = process;
	}
	return first;
}

/* Is the process that the pidfd stands for still there, so that its PID is still its own? */
static bool is_alive(int pidfd)
{
	return pidfd < 0 || syscall(KERNEL_SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0 ||
	       errno == EPERM;
}

static void read_details(struct visit *visit)
{
	struct census_process *process = visit->process;
	autofd dir = procfs_open(visit->census->proc, process->pid);
	struct kernel_pidfd_info info = { .mask = KERNEL_PIDFD_INFO_CREDS };
	struct procfs_status status;
	struct procfs_stat stat;

	if (dir < 0 || procfs_read_stat(dir, &stat) != 0) {
		note_error(visit);
		return;
	}
	if (visit->pidfd >= 0 && ioctl(visit->pidfd, KERNEL_PIDFD_GET_INFO, &info) == 0)
		process->uid = info.euid;
	else if (procfs_read_status(dir, &status) == 0)
		process->uid = status.uid;
	else {
		note_error(visit);
		return;
	}
	process->state = stat.state;
	process->ppid = stat.ppid;
	process->start = stat.start;
	process->detailed = is_alive(visit->pidfd);
}

static void add_process(struct census *census, pid_t pid)
{
	autofd pidfd = census->by_pidfd ? (int)syscall(KERNEL_SYS_pidfd_open, pid, 0) : -1;
	struct visit visit = { .census = census, .pidfd = pidfd };

	if (census->by_pidfd && pidfd < 0 && errno == ESRCH)
		return;
	visit.process = census_add_process(census, pid);
	if (visit.process == NULL)
		return;
	if (read_namespaces(&visit) || (census->needs & CENSUS_DETAILS) != 0)
		read_details(&visit);
}

/* Opens dir/name for readdir(3). */
static DIR *open_dir(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (fd >= 0 && dir == NULL)
		close(fd);
	return dir;
}

/* readdir(3), after which errno tells the end, 0, from a failure. */
static struct dirent *next_entry(DIR *dir)
{
	errno = 0;
	return readdir(dir);
}

/* /proc lists PIDs in ascending order (proc_pid_readdir() in the kernel's fs/proc/base.c). */
static int add_processes(struct census *census)
{
	autodir *dir = open_dir(census->proc, ".");
	struct dirent *entry;
	int pid;

	if (dir == NULL)
		return -1;
	while ((entry = next_entry(dir)) != NULL && !census->no_memory)
		if (procfs_parse_number(entry->d_name, &pid))
			add_process(census, pid);
	return errno == 0 || census->no_memory ? 0 : -1;
}

/* --- Namespaces that no process is in */

/* The namespace of dir/link, if it is of a type asked for and not `known`. */
static struct census_ns *find_other(struct census *census, int dir, const char *link,
				    const struct census_ns *known)
{
	const struct nstype *type;
	ino_t inode;

	if (procfs_read_link(dir, link, &type, &inode) != 0 || (census->flags & type->flag) == 0 ||
	    (known != NULL && known->inode == inode))
		return NULL;
	return census_add_ns(census, type, inode);
}

static void read_thread(struct visit *visit, int dir, pid_t tid)
{
	struct census_process *process = visit->process;

	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		const struct nstype *type = &nstypes[i];
		bool has_new = strcmp(type->new_link, type->link) != 0;

		if ((visit->census->flags & type->flag) == 0)
			continue;
		if (tid != process->pid)
			census_add_holder(visit->census,
					  find_other(visit->census, dir, type->link,
						     process->ns[i]),
					  CENSUS_BY_THREAD, process->pid, 0, "/proc/%d/task/%d/%s",
					  process->pid, tid, type->link);
		if (has_new)
			census_add_holder(visit->census,
					  find_other(visit->census, dir, type->new_link,
						     process->ns[i]),
					  CENSUS_BY_CHILDREN, process->pid, 0,
					  "/proc/%d/task/%d/%s", process->pid, tid, type->new_link);
	}
}

static void read_threads(struct visit *visit, int process_dir)
{
	autodir *tasks = open_dir(process_dir, "task");
	struct dirent *entry;
	int tid;

	while (tasks != NULL && (entry = next_entry(tasks)) != NULL) {
		autofd dir = -1;

		if (!procfs_parse_number(entry->d_name, &tid))
			continue;
		dir = openat(dirfd(tasks), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir >= 0)
			read_thread(visit, dir, tid);
		else
			note_error(visit);
	}
	if (errno != 0)
		note_error(visit);
}

/* One descriptor of a process is enough to tell who holds a namespace. */
static void hold_by_fd(const struct visit *visit, struct census_ns *ns, enum census_kind kind,
		       int number)
{
	pid_t pid = visit->process->pid;

	if (ns != NULL && (ns->last_holder == NULL || ns->last_holder->pid != pid ||
			   ns->last_holder->kind != kind))
		census_add_holder(visit->census, ns, kind, pid, 0, "/proc/%d/fd/%d", pid, number);
}

/* A socket lives in the network namespace in which it was made. */
static void read_socket(const struct visit *visit, int number)
{
	autofd sock = (int)syscall(KERNEL_SYS_pidfd_getfd, visit->pidfd, number, 0);
	const struct nstype *net = nstype_by_flag(CLONE_NEWNET);
	autofd fd = sock >= 0 ? ioctl(sock, KERNEL_SIOCGSKNS) : -1;
	struct census_ns *ns = fd >= 0 ? census_add_open_ns(visit->census, net, &fd) : NULL;

	if (ns != NULL && ns != visit->process->ns[net - nstypes])
		hold_by_fd(visit, ns, CENSUS_BY_SOCKET, number);
}

static void read_fds(struct visit *visit, int process_dir)
{
	autodir *fds = open_dir(process_dir, "fd");
	struct dirent *entry;

	while (fds != NULL && (entry = next_entry(fds)) != NULL) {
		char text[64];
		ssize_t n = readlinkat(dirfd(fds), entry->d_name, text, sizeof(text) - 1);
		const struct nstype *type;
		ino_t inode;
		int number;

		if (n < 0 || !procfs_parse_number(entry->d_name, &number))
			continue;
		text[n] = '\0';
		if (strncmp(text, "socket:", 7) == 0 && visit->pidfd >= 0 &&
		    (visit->census->flags & CLONE_NEWNET) != 0)
			read_socket(visit, number);
		else if (procfs_parse_link(text, &type, &inode) &&
			 (visit->census->flags & type->flag) != 0)
			hold_by_fd(visit, census_add_ns(visit->census, type, inode), CENSUS_BY_FD,
				   number);
	}
	if (errno != 0)
		note_error(visit);
}

/* Threads and descriptors, where they are asked for; the caller itself keeps nothing. */
static void read_holders(struct census *census)
{
	bool few = (census->needs & CENSUS_CHEAP) != 0 && census->processes <= CENSUS_FEW;

	census->saw_threads = few || (census->needs & CENSUS_THREADS) != 0;
	census->saw_fds = few || (census->needs & CENSUS_FDS) != 0;
	if (!census->saw_threads && !census->saw_fds)
		return;
	for (size_t i = 0; i < census->processes; i++) {
		struct census_process *process = census->process[i];
		autofd dir = procfs_open(census->proc, process->pid);
		autofd pidfd = census->own_proc
				       ? (int)syscall(KERNEL_SYS_pidfd_open, process->pid, 0)
				       : -1;
		struct visit visit = { census, process, pidfd };

		if (process->pid == census->self)
			continue;
		if (dir < 0)
			note_error(&visit);
		if (dir >= 0 && census->saw_threads)
			read_threads(&visit, dir);
		if (dir >= 0 && census->saw_fds)
			read_fds(&visit, dir);
	}
}

/* --- Relations */

/* *other is open on it where there may be no other way to open it later, else -1. */
static struct census_ns *add_relative(struct census *census, int fd, unsigned which, int *other)
{
	struct census_ns *ns;

	*other = ioctl(fd, which);
	census->no_descriptors |= *other < 0 && errno == EMFILE;
	census->no_relations |= *other < 0 && errno == ENOTTY;
	ns = *other >= 0 ? census_add_open_ns(census, NULL, other) : NULL;
	if (ns == NULL || ns->related)
		close_fd(other);
	if (ns != NULL)
		ns->children++;
	return ns;
}

/*
 * A PID namespace outlives its init: it still has an inode, but no process 1, or a zombie.
 * One outside the caller's own has none that the caller could see; its parent is hidden too.
 */
static bool is_dead(const struct census *census, const struct census_ns *ns, int fd)
{
	const struct census_process *init;
	int pid;

	if (ns->type->flag != CLONE_NEWPID || ns->parent == NULL)
		return false;
	pid = ioctl(fd, KERNEL_NS_GET_PID_FROM_PIDNS, 1);
	init = pid > 0 && census->own_proc ? census_find_process(census, pid) : NULL;
	return pid < 0 ? errno == ESRCH : init != NULL && init->detailed && init->state == 'Z';
}

/*
 * Those of a namespace, which fd is open on and which is taken over, and of its ancestors
 * as long as no descriptor of these is kept: with a low RLIMIT_NOFILE three must do.
 */
static void relate(struct census *census, struct census_ns *ns, int given)
{
	autofd fd = given;
	unsigned long long id;

	while (fd >= 0) {
		autofd owner = -1, parent = -1;

		ns->related = true;
		if ((census->needs & CENSUS_IDS) != 0 && ioctl(fd, KERNEL_NS_GET_ID, &id) == 0)
			ns->id = id;
		if ((census->needs & CENSUS_RELATIONS) == 0)
			return;
		ns->has_owner_uid = ioctl(fd, KERNEL_NS_GET_OWNER_UID, &ns->owner_uid) == 0;
		ns->owner = add_relative(census, fd, KERNEL_NS_GET_USERNS, &owner);
		if (ns->type->flag == CLONE_NEWUSER)
			ns->parent = ns->owner;
		else if (ns->type->flag == CLONE_NEWPID)
			ns->parent = add_relative(census, fd, KERNEL_NS_GET_PARENT, &parent);
		ns->dead = is_dead(census, ns, fd);
		close_fd(&fd);
		/* An owner has no parent but its owner: this goes one level deep. */
		if (parent >= 0 && owner >= 0)
			relate(census, ns->owner, take_fd(&owner));
		ns = parent >= 0 ? ns->parent : ns->owner;
		fd = parent >= 0 ? take_fd(&parent) : take_fd(&owner);
	}
}

/* Namespaces that are found so are related in their turn: the list grows meanwhile. */
static void read_relations(struct census *census)
{
	for (size_t i = 0; i < census->namespaces; i++) {
		int fd = census->ns[i]->related ? -1 : census_open_ns(census, census->ns[i]);

		census->no_descriptors |= fd < 0 && errno == EMFILE;
		if (fd >= 0)
			relate(census, census->ns[i], fd);
	}
}

/* --- The scan */

/* As many descriptors as the hard limit allows: the soft one is for select(2)'s sake. */
static void raise_limit(struct census *census)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	census->limit = limit;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > HOLD_SPARE)
		census->may_hold = limit.rlim_cur - HOLD_SPARE;
	if (census->may_hold > HOLD_MOST)
		census->may_hold = HOLD_MOST;
}

/* Opens /proc and learns whose it is.  Returns 0, or -1 with errno. */
static int open_proc(struct census *census)
{
	struct statfs fs;
	int own;

	census->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (census->proc < 0 || fstatfs(census->proc, &fs) != 0)
		return -1;
	errno = ENOENT;
	if (fs.f_type != KERNEL_PROC_MAGIC)
		return -1;
	own = procfs_find_self(census->proc, &census->self);
	census->own_proc = own == 1;
	return own < 0 ? -1 : 0;
}

int census_scan(struct census *census, int flags, int needs)
{
	*census = (struct census){ .flags = flags, .needs = needs };
	/* Each mount namespace's mounts are read through a process that is in it. */
	if ((needs & CENSUS_MOUNTS) != 0)
		census->flags |= CLONE_NEWNS;
	census->proc = -1;
	raise_limit(census);
	if (open_proc(census) != 0)
		return -1;
	/* For one type, one readlink(2) is less work than a pidfd. */
	census->by_pidfd = census->own_proc && (census->flags & (census->flags - 1)) != 0;
	if (add_processes(census) != 0)
		return -1;
	if ((needs & CENSUS_MOUNTS) != 0)
		census_read_mounts(census);
	read_holders(census);
	if ((needs & CENSUS_KERNEL) != 0)
		census_read_kernel_lists(census);
	if ((needs & CENSUS_MOUNTS) != 0)
		census_read_distant_mounts(census);
	if ((needs & (CENSUS_RELATIONS | CENSUS_IDS)) != 0)
		read_relations(census);
	if ((needs & CENSUS_SETS) != 0)
		census_read_sets(census);
	census_sort_ns(census);
	errno = ENOMEM;
	return census->no_memory ? -1 : 0;
}
