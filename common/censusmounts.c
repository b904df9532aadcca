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
#include <sys/stat.h>
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
	return ns == NULL || (ns->mounted_in != 0 && ns->mounted_in != scan->mnt) ? NULL : ns;
}

/* No path leads there: the reference is the mount namespace, and the mount point follows. */
static struct census_holder *add_distant(const struct mount_scan *scan, struct census_ns *ns,
					 const char *mount_point)
{
	if (!census_add_holder(scan->census, ns, CENSUS_BY_MOUNT, 0, scan->mnt, "mnt:[%ju]%c%s",
			       (uintmax_t)scan->mnt, '\0', mount_point))
		return NULL;
	ns->mounted_in = scan->mnt;
	ns->last_holder->elsewhere = !scan->own;
	ns->last_holder->mount_point = strchr(ns->last_holder->reference, '\0') + 1;
	return ns->last_holder;
}

/* In one's own mount namespace, where another mount may be on top of this. */
static void add_own(const struct mount_scan *scan, struct census_ns *ns, const char *mount_point)
{
	struct stat st;

	if (stat(mount_point, &st) != 0 || st.st_ino != ns->inode) {
		struct census_holder *holder = add_distant(scan, ns, mount_point);

		if (holder != NULL)
			holder->covered = true;
		return;
	}
	if (!census_add_holder(scan->census, ns, CENSUS_BY_MOUNT, 0, scan->mnt, "%s", mount_point))
		return;
	ns->mounted_in = scan->mnt;
	ns->last_holder->mount_point = ns->last_holder->reference;
}

static void add_mount(void *context, const struct procfs_nsfs *mount)
{
	const struct mount_scan *scan = context;
	struct census_ns *ns = add_mounted(scan, mount->type, mount->inode);
	char root[32];
	int prefix = 0;

	if (ns == NULL)
		return;
	if (scan->own) {
		add_own(scan, ns, mount->mount_point);
		return;
	}
	prefix = snprintf(root, sizeof(root), "/proc/%d/root", scan->process->pid);
	if (!census_add_holder(scan->census, ns, CENSUS_BY_MOUNT, scan->process->pid, scan->mnt,
			       "%s%s", root, mount->mount_point))
		return;
	ns->mounted_in = scan->mnt;
	ns->last_holder->elsewhere = true;
	ns->last_holder->mount_point = ns->last_holder->reference + prefix;
}

static void read_own_mounts(struct census *census)
{
	const struct nstype *mnt = nstype_by_flag(CLONE_NEWNS), *type;
	autofd self = openat(census->proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_scan scan = { .census = census, .own = true };
	struct census_ns *ns = NULL;

	if (self >= 0 && procfs_read_link(self, mnt->link, &type, &scan.mnt) == 0)
		ns = census_add_ns(census, mnt, scan.mnt);
	if (ns != NULL)
		ns->saw_mounts = procfs_find_nsfs(self, add_mount, &scan) == 0;
}

void census_read_mounts(struct census *census)
{
	size_t namespaces;

	read_own_mounts(census);
	namespaces = census->namespaces;
	for (size_t i = 0; i < namespaces; i++) {
		struct census_ns *ns = census->ns[i];
		struct mount_scan scan = { census, ns->first, ns->inode, false };
		autofd dir = -1;

		if (ns->type->flag != CLONE_NEWNS || ns->first == NULL || ns->saw_mounts)
			continue;
		dir = procfs_open(census->proc, ns->first->pid);
		ns->saw_mounts = dir >= 0 && procfs_find_nsfs(dir, add_mount, &scan) == 0;
	}
}

static void add_distant_mount(void *context, const char *root, const char *mount_point)
{
	const struct mount_scan *scan = context;
	const struct nstype *type;
	struct census_ns *ns;
	ino_t inode;

	if (!procfs_parse_link(root, &type, &inode))
		return;
	ns = add_mounted(scan, type, inode);
	if (ns != NULL && ns->mounted_in == 0)
		add_distant(scan, ns, mount_point);
}

/*
 * Also where a process was: one in another root directory sees no mount outside that.  A mount
 * namespace that is found so may be looked into in its turn: the list grows.
 */
void census_read_distant_mounts(struct census *census)
{
	for (size_t i = 0; i < census->namespaces; i++) {
		struct census_ns *ns = census->ns[i];
		struct mount_scan scan = { .census = census, .mnt = ns->inode };
		autofd fd = -1;

		if (ns->type->flag != CLONE_NEWNS)
			continue;
		fd = census_open_ns(census, ns);
		if (fd >= 0 && mntlist_find_nsfs(fd, add_distant_mount, &scan) == 0)
			ns->saw_mounts = true;
		census->unseen_mounts += !ns->saw_mounts;
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

static void add_listed(struct census *census)
{
	struct kernel_ns_id_req request = { .size = sizeof(request) };
	unsigned long long ids[NS_IDS];
	long count;

	request.ns_type = (unsigned)census->flags;
	while ((count = syscall(KERNEL_SYS_listns, &request, ids, NS_IDS, 0)) > 0) {
		for (long i = 0; i < count; i++) {
			autofd fd = census_open_ns_by_id(ids[i]);

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
