/*
 * censusmounts.c - what mounts and the kernel's own lists add to a census
 *
 * SPDX-License-Identifier: MIT
 */
#include "censusmounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"
#include "mntlist.h"
#include "procfs.h"

enum { NS_IDS = 256 }; /* listns(2) gives so many at once */

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
static struct census_ns *add_mounted(const struct mount_scan *scan, const struct nstype *type,
				     ino_t inode)
{
	struct census_ns *ns = NULL;

	if ((scan->census->flags & type->flag) != 0)
		ns = census_add_ns(scan->census, type, inode);
	for (const struct census_holder *h = ns != NULL ? ns->holders : NULL; h != NULL;
	     h = h->next)
		if (h->kind == CENSUS_BY_MOUNT && h->mnt != scan->mnt)
			return NULL;
	return ns;
}

static void add_mount(void *context, const struct procfs_nsfs *mount)
{
	const struct mount_scan *scan = context;
	struct census_ns *ns = add_mounted(scan, mount->type, mount->inode);
	char root[32] = "";
	int prefix = 0;

	if (!scan->own)
		prefix = snprintf(root, sizeof(root), "/proc/%d/root", scan->process->pid);
	if (ns == NULL || !census_add_holder(scan->census, ns, CENSUS_BY_MOUNT,
					     scan->own ? 0 : scan->process->pid, scan->mnt, "%s%s",
					     root, mount->mount_point))
		return;
	ns->last_holder->elsewhere = !scan->own;
	ns->last_holder->mount_point = ns->last_holder->reference + prefix;
}

void census_read_mounts(struct census *census)
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

/* No path leads there: the reference is the mount namespace, and the mount point follows. */
static void add_distant_mount(void *context, const char *root, const char *mount_point)
{
	const struct mount_scan *scan = context;
	const struct nstype *type;
	struct census_ns *ns;
	ino_t inode;

	if (!procfs_parse_link(root, &type, &inode))
		return;
	ns = add_mounted(scan, type, inode);
	if (ns == NULL ||
	    !census_add_holder(scan->census, ns, CENSUS_BY_MOUNT, 0, scan->mnt, "mnt:[%ju]%c%s",
			       (uintmax_t)scan->mnt, '\0', mount_point))
		return;
	ns->last_holder->elsewhere = true;
	ns->last_holder->mount_point = strchr(ns->last_holder->reference, '\0') + 1;
}

/* A mount namespace that is found so may be looked into in its turn: the list grows. */
void census_read_distant_mounts(struct census *census)
{
	for (size_t i = 0; i < census->namespaces; i++) {
		const struct census_ns *ns = census->ns[i];
		struct mount_scan scan = { .census = census, .mnt = ns->inode };
		autofd fd = -1;

		if (ns->type->flag != CLONE_NEWNS || ns->first != NULL)
			continue;
		fd = census_open_ns(census, ns);
		if (fd >= 0)
			mntlist_find_nsfs(fd, add_distant_mount, &scan);
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
		autofd keep = next >= 0 ? fcntl(next, F_DUPFD_CLOEXEC, 0) : -1;

		census->no_descriptors |= next < 0 && errno == EMFILE;
		close_fd(&at);
		at = next;
		if (keep >= 0)
			census_add_open_ns(census, nstype_by_flag(CLONE_NEWNS), &keep);
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
			autofd fd = open_ns_by_id(ids[i]);

			if (fd >= 0)
				census_add_open_ns(census, NULL, &fd);
		}
		request.ns_id = ids[count - 1];
	}
}

void census_read_kernel_lists(struct census *census)
{
	autofd own = openat(census->proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (own >= 0 && (census->flags & CLONE_NEWNS) != 0) {
		add_listed_mounts(census, own, KERNEL_NS_MNT_GET_NEXT);
		add_listed_mounts(census, own, KERNEL_NS_MNT_GET_PREV);
	}
	add_listed(census);
}
