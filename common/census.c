/*
 * census.c - the model of every namespace and process that can be found
 *
 * SPDX-License-Identifier: MIT
 */
#include "census.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"
#include "pinned.h"
#include "procfs.h"

/* gcc's analyzer loses sight of what is only reachable through a list that has grown. */
#if defined(__GNUC__) && __GNUC__ >= 10 && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

enum { FIRST_BUCKETS = 1024 }; /* a power of two, as all later numbers */

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

struct census_ns *census_add_ns(struct census *census, const struct nstype *type, ino_t inode)
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

struct census_ns *census_add_open_ns(struct census *census, const struct nstype *type, int *fd)
{
	struct census_ns *ns;
	struct stat st;

	if (type == NULL)
		type = nstype_by_flag(ioctl(*fd, KERNEL_NS_GET_NSTYPE));
	if (type == NULL || fstat(*fd, &st) != 0)
		return NULL;
	ns = census_add_ns(census, type, st.st_ino);
	if (ns != NULL && ns->fd < 0 && census->held < census->may_hold) {
		ns->fd = take_fd(fd);
		census->held++;
	}
	return ns;
}

bool census_add_holder(struct census *census, struct census_ns *ns, enum census_kind kind,
		       pid_t pid, ino_t mnt, const char *format, ...)
{
	struct census_holder *holder = ns != NULL ? calloc(1, sizeof(*holder)) : NULL;
	va_list arguments;
	int length;

	census->no_memory |= ns != NULL && holder == NULL;
	if (holder == NULL)
		return false;
	*holder = (struct census_holder){ .kind = kind, .pid = pid, .mnt = mnt };
	va_start(arguments, format);
	length = vasprintf(&holder->reference, format, arguments);
	va_end(arguments);
	if (length < 0) {
		census->no_memory = true;
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

/* The list is read after the processes: one that has its PID from before lives still. */
void census_read_sets(struct census *census)
{
	const struct census_process *self = census_find_process(census, census->self);
	size_t count = census->own_proc ? pinned_list(&census->sets) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct pinned *set = &census->sets[i];
		const struct census_process *keeper = census_find_process(census, set->pid);

		for (size_t t = 0; keeper != NULL && t < NSTYPE_COUNT; t++) {
			struct census_ns *ns = keeper->ns[t];

			if (ns != NULL && ns->set == NULL && (self == NULL || self->ns[t] != ns))
				ns->set = set->name;
		}
	}
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
	free(census->sets);
	close_fd(&census->proc);
	if (census->limit.rlim_max != 0)
		setrlimit(RLIMIT_NOFILE, &census->limit);
	*census = (struct census){ .proc = -1 };
}

struct census_process *census_add_process(struct census *census, pid_t pid)
{
	struct census_process **list = make_room(census->process, census->processes);
	struct census_process *process = NULL;

	if (list != NULL) {
		census->process = list;
		process = calloc(1, sizeof(*process));
	}
	census->no_memory |= process == NULL;
	if (process == NULL)
		return NULL;
	process->pid = pid;
	process->position = census->processes;
	census->process[census->processes++] = process;
	return process;
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

void census_sort_ns(struct census *census)
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
	int type;

	if (fd < 0)
		return -1;
	/* Without NS_GET_NSTYPE, before 4.11, the inode must do. */
	type = ioctl(fd, KERNEL_NS_GET_NSTYPE);
	if ((type == ns->type->flag || (type < 0 && errno == ENOTTY)) && fstat(fd, &st) == 0 &&
	    st.st_ino == ns->inode)
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

	/* In a mount namespace that cannot be entered from here nothing can be opened. */
	if (holder->reference[0] != '/')
		return -1;
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

int census_open_ns_by_id(unsigned long long id)
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

struct census_ns *census_add_fd(struct census *census, int fd)
{
	autofd open = fd;
	struct census_ns *ns = census_add_open_ns(census, NULL, &open);

	census_sort_ns(census);
	return ns;
}

bool census_is_below(const struct census_ns *ns, const struct census_ns *top)
{
	while (ns != NULL && ns != top)
		ns = ns->parent;
	return ns != NULL;
}
