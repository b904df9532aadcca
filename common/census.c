/*
 * census.c - the model of every namespace and process that can be found
 *
 * SPDX-License-Identifier: MIT
 */
#include "census.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"
#include "procfs.h"

/* gcc's analyzer loses sight of what is only reachable through a list that has grown. */
#if defined(__GNUC__) && __GNUC__ >= 10 && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

enum {
	HOLD_MOST = 65536,    /* descriptors that are kept open, if RLIMIT_NOFILE allows */
	HOLD_SPARE = 32,      /* and so many are left for passing use */
	FIRST_BUCKETS = 1024, /* a power of two, as all later numbers */
	NS_IDS = 256,         /* listns(2) gives so many at once */
};

static void close_dir(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

#define autodir __attribute__((cleanup(close_dir))) DIR

/* --- The model */

static size_t hash(const struct census *census, ino_t inode)
{
	return (size_t)((uint64_t)inode * 0x9E3779B97F4A7C15u >> 32) & (census->buckets - 1);
}

struct census_ns *census_find_ns(const struct census *census, const struct nstype *type,
				 ino_t inode)
{
	struct census_ns *ns;

	if (census->buckets == 0)
		return NULL;
	ns = census->bucket[hash(census, inode)];
	while (ns != NULL && (ns->inode != inode || (type != NULL && ns->type != type)))
		ns = ns->chain;
	return ns;
}

static bool grow_buckets(struct census *census)
{
	size_t buckets = census->buckets > 0 ? 2 * census->buckets : FIRST_BUCKETS;
	struct census_ns **bucket = calloc(buckets, sizeof(struct census_ns *));

	if (bucket == NULL)
		return false;
	free(census->bucket);
	census->bucket = bucket;
	census->buckets = buckets;
	for (size_t i = 0; i < census->namespaces; i++) {
		struct census_ns *ns = census->ns[i];

		ns->chain = bucket[hash(census, ns->inode)];
		bucket[hash(census, ns->inode)] = ns;
	}
	return true;
}

/* The list of `count` pointers with room for one more; its length doubles.  NULL: no memory. */
static void *make_room(void *list, size_t count)
{
	if (count > 0 && (count & (count - 1)) != 0)
		return list;
	return realloc(list, (count > 0 ? 2 * count : 1) * sizeof(void *));
}

/* The namespace, which is added if it is new; NULL: no memory, which ends the scan. */
static struct census_ns *add_ns(struct census *census, const struct nstype *type, ino_t inode)
{
	struct census_ns *ns = census_find_ns(census, type, inode), **list;

	if (ns != NULL)
		return ns;
	list = make_room(census->ns, census->namespaces);
	if (list != NULL)
		census->ns = list;
	if (list != NULL && (census->namespaces < census->buckets || grow_buckets(census)))
		ns = calloc(1, sizeof(*ns));
	census->no_memory |= ns == NULL;
	if (ns == NULL)
		return NULL;
	ns->type = type;
	ns->inode = inode;
	ns->fd = -1;
	ns->chain = census->bucket[hash(census, inode)];
	census->bucket[hash(census, inode)] = ns;
	census->ns[census->namespaces++] = ns;
	return ns;
}

/*
 * The namespace that fd is open on, added if it is new.  fd is kept open with a new
 * one while there is room, else closed.  NULL with errno: no namespace, no memory.
 */
static struct census_ns *add_open_ns(struct census *census, const struct nstype *type, int given)
{
	autofd fd = given;
	struct census_ns *ns;
	struct stat st;

	if (type == NULL)
		type = nstype_by_flag(ioctl(fd, KERNEL_NS_GET_NSTYPE));
	if (type == NULL || fstat(fd, &st) != 0)
		return NULL;
	ns = add_ns(census, type, st.st_ino);
	if (ns != NULL && ns->fd < 0 && census->held < census->may_hold) {
		ns->fd = take_fd(&fd);
		census->held++;
	}
	return ns;
}

__attribute__((format(printf, 5, 6))) static bool add_holder(struct census_ns *ns,
							     enum census_kind kind, pid_t pid,
							     ino_t mnt, const char *format, ...)
{
	struct census_holder *holder = ns != NULL ? calloc(1, sizeof(*holder)) : NULL;
	va_list arguments;
	int length;

	if (holder == NULL)
		return false;
	*holder = (struct census_holder){ .kind = kind, .pid = pid, .mnt = mnt };
	va_start(arguments, format);
	length = vasprintf(&holder->reference, format, arguments);
	va_end(arguments);
	if (length < 0) {
		free(holder);
		return false;
	}
	if (ns->holders == NULL)
		ns->holders = holder;
	else
		ns->last_holder->next = holder;
	ns->last_holder = holder;
	return true;
}

static void free_ns(struct census_ns *ns)
{
	while (ns->holders != NULL) {
		struct census_holder *holder = ns->holders;

		ns->holders = holder->next;
		free(holder->reference);
		free(holder);
	}
	close_fd(&ns->fd);
	free(ns);
}

void census_free(struct census *census)
{
	for (size_t i = 0; i < census->processes; i++)
		free(census->process[i]);
	for (size_t i = 0; i < census->namespaces; i++)
		free_ns(census->ns[i]);
	free(census->process);
	free(census->ns);
	free(census->bucket);
	close_fd(&census->proc);
	*census = (struct census){ .proc = -1 };
}

static int compare_pids(const void *a, const void *b)
{
	const struct census_process *const *x = a, *const *y = b;

	return ((*x)->pid > (*y)->pid) - ((*x)->pid < (*y)->pid);
}

struct census_process *census_find_process(const struct census *census, pid_t pid)
{
	struct census_process wanted = { .pid = pid }, *key = &wanted, **found;

	if (census->processes == 0)
		return NULL;
	found = bsearch(&key, census->process, census->processes, sizeof(void *), compare_pids);
	return found != NULL ? *found : NULL;
}

static int compare_inodes(const void *a, const void *b)
{
	const struct census_ns *const *x = a, *const *y = b;

	return ((*x)->inode > (*y)->inode) - ((*x)->inode < (*y)->inode);
}

static void sort_ns(struct census *census)
{
	if (census->namespaces == 0)
		return;
	qsort(census->ns, census->namespaces, sizeof(void *), compare_inodes);
	for (size_t i = 0; i < census->namespaces; i++)
		census->ns[i]->position = i;
}

size_t census_level(const struct census_ns *ns)
{
	size_t level = 0;

	for (ns = ns->parent; ns != NULL; ns = ns->parent)
		level++;
	return level;
}

int census_open_process(const struct census *census, const struct census_process *process)
{
	autofd dir = procfs_open(census->proc, process->pid);
	struct procfs_stat stat;

	if (dir < 0 || procfs_read_stat(dir, &stat) != 0)
		return -1;
	if (process->detailed && stat.start == process->start)
		return take_fd(&dir);
	errno = ESRCH;
	return -1;
}

/* fd, if it is open on this namespace; else it is closed and -1. */
static int verify_ns(const struct census_ns *ns, int fd)
{
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && st.st_ino == ns->inode &&
		       ioctl(fd, KERNEL_NS_GET_NSTYPE) == ns->type->flag))
		return fd;
	close(fd);
	errno = ESRCH;
	return -1;
}

int census_open_socket_ns(pid_t pid, int number)
{
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, pid, 0);
	autofd sock = -1;

	if (pidfd < 0)
		return -1;
	sock = (int)syscall(KERNEL_SYS_pidfd_getfd, pidfd, number, 0);
	return sock < 0 ? -1 : ioctl(sock, KERNEL_SIOCGSKNS);
}

static int open_by_holder(const struct census_holder *holder)
{
	int number;

	if (holder->kind != CENSUS_BY_SOCKET)
		return open(holder->reference, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return procfs_parse_number(strrchr(holder->reference, '/') + 1, &number)
		       ? census_open_socket_ns(holder->pid, number)
		       : -1;
}

int census_open_ns(const struct census *census, const struct census_ns *ns)
{
	char path[64];
	int fd = -1;

	if (ns->fd >= 0)
		return fcntl(ns->fd, F_DUPFD_CLOEXEC, 0);
	if (ns->first != NULL) {
		snprintf(path, sizeof(path), "%d/%s", ns->first->pid, ns->type->link);
		fd = verify_ns(ns, openat(census->proc, path, O_RDONLY | O_CLOEXEC));
	}
	for (const struct census_holder *h = ns->holders; fd < 0 && h != NULL; h = h->next)
		fd = verify_ns(ns, open_by_holder(h));
	return fd;
}

struct census_ns *census_add_fd(struct census *census, int fd)
{
	struct census_ns *ns = add_open_ns(census, NULL, fd);

	sort_ns(census);
	return ns;
}

/* --- Processes */

/* What is being read of one process. */
struct visit {
	struct census *census;
	struct census_process *process;
	int pidfd; /* -1: by the links */
};

static void note_error(struct visit *visit)
{
	if ((errno != EACCES && errno != EPERM) || visit->process->denied)
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
		int fd = ioctl(visit->pidfd, type->pidfd_get, 0);

		if (fd >= 0)
			return add_open_ns(visit->census, type, fd);
		if (errno == EACCES || errno == EPERM)
			return NULL;
		visit->census->by_pidfd = errno != ENOTTY;
	}
	snprintf(path, sizeof(path), "%d/%s", visit->process->pid, type->link);
	if (procfs_read_link(visit->census->proc, path, &found, &inode) != 0)
		return NULL;
	return add_ns(visit->census, type, inode);
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

	if (dir < 0 || procfs_read_stat(dir, &stat) != 0)
		return;
	if (visit->pidfd >= 0 && ioctl(visit->pidfd, KERNEL_PIDFD_GET_INFO, &info) == 0)
		process->uid = info.euid;
	else if (procfs_read_status(dir, &status) == 0)
		process->uid = status.uid;
	else
		return;
	process->state = stat.state;
	process->ppid = stat.ppid;
	process->start = stat.start;
	process->detailed = is_alive(visit->pidfd);
}

static void add_process(struct census *census, pid_t pid)
{
	autofd pidfd = census->by_pidfd ? (int)syscall(KERNEL_SYS_pidfd_open, pid, 0) : -1;
	struct visit visit = { .census = census, .pidfd = pidfd };
	struct census_process **list;

	if (census->by_pidfd && pidfd < 0 && errno == ESRCH)
		return;
	list = make_room(census->process, census->processes);
	if (list != NULL) {
		census->process = list;
		visit.process = calloc(1, sizeof(*visit.process));
	}
	census->no_memory |= visit.process == NULL;
	if (visit.process == NULL)
		return;
	visit.process->pid = pid;
	visit.process->position = census->processes;
	census->process[census->processes++] = visit.process;
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

/* /proc lists PIDs in ascending order (proc_pid_readdir() in the kernel's fs/proc/base.c). */
static int add_processes(struct census *census)
{
	autodir *dir = open_dir(census->proc, ".");
	struct dirent *entry;
	int pid;

	if (dir == NULL)
		return -1;
	while ((entry = readdir(dir)) != NULL && !census->no_memory)
		if (procfs_parse_number(entry->d_name, &pid))
			add_process(census, pid);
	return 0;
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
	return add_ns(census, type, inode);
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
			add_holder(find_other(visit->census, dir, type->link, process->ns[i]),
				   CENSUS_BY_THREAD, process->pid, 0, "/proc/%d/task/%d/%s",
				   process->pid, tid, type->link);
		if (has_new)
			add_holder(find_other(visit->census, dir, type->new_link, process->ns[i]),
				   CENSUS_BY_CHILDREN, process->pid, 0, "/proc/%d/task/%d/%s",
				   process->pid, tid, type->new_link);
	}
}

static void read_threads(struct visit *visit, int process_dir)
{
	autodir *tasks = open_dir(process_dir, "task");
	struct dirent *entry;
	int tid;

	if (tasks == NULL)
		note_error(visit);
	while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
		autofd dir = -1;

		if (!procfs_parse_number(entry->d_name, &tid))
			continue;
		dir = openat(dirfd(tasks), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (dir >= 0)
			read_thread(visit, dir, tid);
	}
}

/* One descriptor of a process is enough to tell who holds a namespace. */
static void hold_by_fd(const struct visit *visit, struct census_ns *ns, enum census_kind kind,
		       int number)
{
	pid_t pid = visit->process->pid;

	if (ns != NULL && (ns->last_holder == NULL || ns->last_holder->pid != pid ||
			   ns->last_holder->kind != kind))
		add_holder(ns, kind, pid, 0, "/proc/%d/fd/%d", pid, number);
}

/* A socket lives in the network namespace in which it was made. */
static void read_socket(const struct visit *visit, int number)
{
	autofd sock = (int)syscall(KERNEL_SYS_pidfd_getfd, visit->pidfd, number, 0);
	const struct nstype *net = nstype_by_flag(CLONE_NEWNET);
	int fd = sock >= 0 ? ioctl(sock, KERNEL_SIOCGSKNS) : -1;
	struct census_ns *ns = fd >= 0 ? add_open_ns(visit->census, net, fd) : NULL;

	if (ns != NULL && ns != visit->process->ns[net - nstypes])
		hold_by_fd(visit, ns, CENSUS_BY_SOCKET, number);
}

static void read_fds(struct visit *visit, int process_dir)
{
	autodir *fds = open_dir(process_dir, "fd");
	struct dirent *entry;

	if (fds == NULL)
		note_error(visit);
	while (fds != NULL && (entry = readdir(fds)) != NULL) {
		char text[64];
		ssize_t n = readlinkat(dirfd(fds), entry->d_name, text, sizeof(text) - 1);
		int number;

		if (n < 0 || !procfs_parse_number(entry->d_name, &number))
			continue;
		text[n] = '\0';
		if (strncmp(text, "socket:", 7) == 0 && visit->pidfd >= 0 &&
		    (visit->census->flags & CLONE_NEWNET) != 0)
			read_socket(visit, number);
		else if (strchr(text, '/') == NULL)
			hold_by_fd(visit,
				   find_other(visit->census, dirfd(fds), entry->d_name, NULL),
				   CENSUS_BY_FD, number);
	}
}

/* Threads and descriptors, where they are asked for; those of this scan itself are none. */
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

		if (dir < 0)
			continue;
		if (census->saw_threads)
			read_threads(&visit, dir);
		if (census->saw_fds && !(census->own_proc && process->pid == getpid()))
			read_fds(&visit, dir);
	}
}

/* --- Mounts */

struct mount_scan {
	struct census *census;
	const struct census_process *process; /* whose mountinfo it is */
	ino_t mnt;
	bool own; /* the caller's own mount namespace */
};

/*
 * Each mount namespace may have a copy of each mount: of those of others the ones in
 * the first will do, to keep the work linear.
 */
static void add_mount(void *context, const struct procfs_nsfs *mount)
{
	const struct mount_scan *scan = context;
	struct census_ns *ns;
	char root[32] = "";
	int prefix = 0;

	if ((scan->census->flags & mount->type->flag) == 0)
		return;
	ns = add_ns(scan->census, mount->type, mount->inode);
	for (const struct census_holder *h = ns != NULL ? ns->holders : NULL; h != NULL;
	     h = h->next)
		if (h->kind == CENSUS_BY_MOUNT && h->mnt != scan->mnt)
			return;
	if (!scan->own)
		prefix = snprintf(root, sizeof(root), "/proc/%d/root", scan->process->pid);
	if (!add_holder(ns, CENSUS_BY_MOUNT, scan->own ? 0 : scan->process->pid, scan->mnt, "%s%s",
			root, mount->mount_point))
		return;
	ns->last_holder->elsewhere = !scan->own;
	ns->last_holder->mount_point = ns->last_holder->reference + prefix;
}

static void read_mounts(struct census *census)
{
	const struct nstype *mnt = nstype_by_flag(CLONE_NEWNS), *type;
	autofd self = openat(census->proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_scan scan = { .census = census, .own = true };
	size_t namespaces = census->namespaces;

	if (self >= 0 && procfs_read_link(self, mnt->link, &type, &scan.mnt) == 0)
		procfs_find_nsfs(self, add_mount, &scan);
	scan = (struct mount_scan){ .census = census, .mnt = scan.mnt };
	for (size_t i = 0; i < namespaces; i++) {
		const struct census_ns *ns = census->ns[i];
		struct mount_scan other = { census, ns->first, ns->inode, false };
		autofd dir = -1;

		if (ns->type != mnt || ns->first == NULL || ns->inode == scan.mnt)
			continue;
		dir = procfs_open(census->proc, ns->first->pid);
		if (dir >= 0)
			procfs_find_nsfs(dir, add_mount, &other);
	}
}

/* --- What the kernel itself lists */

/* NS_MNT_GET_NEXT and _PREV need CAP_SYS_ADMIN in the initial user and PID namespaces. */
static void add_listed_mounts(struct census *census, int own, unsigned direction)
{
	unsigned long long info[2];
	autofd at = fcntl(own, F_DUPFD_CLOEXEC, 0);

	while (at >= 0) {
		int next = ioctl(at, direction, info);
		int keep = next >= 0 ? fcntl(next, F_DUPFD_CLOEXEC, 0) : -1;

		close_fd(&at);
		at = next;
		if (keep >= 0)
			add_open_ns(census, nstype_by_flag(CLONE_NEWNS), keep);
	}
}

static int open_ns_by_id(unsigned long long id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(struct kernel_nsfs_handle)];
	} by = { .handle = { .handle_bytes = sizeof(struct kernel_nsfs_handle),
			     .handle_type = KERNEL_FILEID_NSFS } };
	struct kernel_nsfs_handle ns = { .ns_id = id };

	memcpy(by.handle.f_handle, &ns, sizeof(ns));
	return open_by_handle_at(KERNEL_FD_NSFS_ROOT, &by.handle, O_RDONLY | O_CLOEXEC);
}

static void add_listed(struct census *census)
{
	struct kernel_ns_id_req request = { .size = sizeof(request) };
	unsigned long long ids[NS_IDS];
	long count;

	request.ns_type = (unsigned)census->flags;
	while ((count = syscall(KERNEL_SYS_listns, &request, ids, NS_IDS, 0)) > 0) {
		for (long i = 0; i < count; i++) {
			int fd = open_ns_by_id(ids[i]);

			if (fd >= 0)
				add_open_ns(census, NULL, fd);
		}
		request.ns_id = ids[count - 1];
	}
}

static void read_kernel_lists(struct census *census)
{
	autofd own = openat(census->proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (own >= 0 && (census->flags & CLONE_NEWNS) != 0) {
		add_listed_mounts(census, own, KERNEL_NS_MNT_GET_NEXT);
		add_listed_mounts(census, own, KERNEL_NS_MNT_GET_PREV);
	}
	add_listed(census);
}

/* --- Relations */

static struct census_ns *relative(struct census *census, int fd, unsigned which)
{
	int other = ioctl(fd, which);
	struct census_ns *ns = other >= 0 ? add_open_ns(census, NULL, other) : NULL;

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

/* Namespaces that are found so are related in their turn: the list grows meanwhile. */
static void read_relations(struct census *census)
{
	for (size_t i = 0; i < census->namespaces; i++) {
		struct census_ns *ns = census->ns[i];
		autofd fd = census_open_ns(census, ns);
		unsigned long long id;

		if (fd < 0)
			continue;
		if ((census->needs & CENSUS_IDS) != 0 && ioctl(fd, KERNEL_NS_GET_ID, &id) == 0)
			ns->id = id;
		if ((census->needs & CENSUS_RELATIONS) == 0)
			continue;
		ns->has_owner_uid = ioctl(fd, KERNEL_NS_GET_OWNER_UID, &ns->owner_uid) == 0;
		ns->owner = relative(census, fd, KERNEL_NS_GET_USERNS);
		if (ns->type->flag == CLONE_NEWUSER)
			ns->parent = ns->owner;
		else if (ns->type->flag == CLONE_NEWPID)
			ns->parent = relative(census, fd, KERNEL_NS_GET_PARENT);
		ns->dead = is_dead(census, ns, fd);
	}
}

/* --- The scan */

/* As many descriptors as the hard limit allows: the soft one is for select(2)'s sake. */
static void raise_limit(struct census *census)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > HOLD_SPARE)
		census->may_hold = limit.rlim_cur - HOLD_SPARE;
	if (census->may_hold > HOLD_MOST)
		census->may_hold = HOLD_MOST;
}

int census_scan(struct census *census, int flags, int needs)
{
	struct statfs fs = { 0 };

	*census = (struct census){ .flags = flags, .needs = needs };
	/* Each mount namespace's mounts are read through a process that is in it. */
	if ((needs & CENSUS_MOUNTS) != 0)
		census->flags |= CLONE_NEWNS;
	census->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	errno = fstatfs(census->proc, &fs) == 0 ? ENOENT : errno;
	if (census->proc < 0 || fs.f_type != KERNEL_PROC_MAGIC)
		return -1;
	raise_limit(census);
	census->own_proc = procfs_is_own(census->proc);
	/* For one type, one readlink(2) is less work than a pidfd. */
	census->by_pidfd = census->own_proc && (census->flags & (census->flags - 1)) != 0;
	if (add_processes(census) != 0)
		return -1;
	if ((needs & CENSUS_MOUNTS) != 0)
		read_mounts(census);
	read_holders(census);
	if ((needs & CENSUS_KERNEL) != 0)
		read_kernel_lists(census);
	if ((needs & (CENSUS_RELATIONS | CENSUS_IDS)) != 0)
		read_relations(census);
	sort_ns(census);
	errno = ENOMEM;
	return census->no_memory ? -1 : 0;
}
