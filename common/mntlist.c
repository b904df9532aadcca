/*
 * mntlist.c - the mounts of any mount namespace, without a process in it
 *
 * SPDX-License-Identifier: MIT
 */
#include "mntlist.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "kernel.h"

enum { IDS = 256 }; /* listmount(2) gives so many at once */

/* A statmount(2), and room for its two texts. */
union answer {
	struct kernel_statmount mount;
	char room[sizeof(struct kernel_statmount) + 2 * (size_t)PATH_MAX];
};

static void look_at(unsigned long long mnt_ns_id, unsigned long long mount,
		    void (*found)(void *context, const char *root, const char *mount_point),
		    void *context)
{
	struct kernel_mnt_id_req request = { .size = sizeof(request),
					     .mnt_id = mount,
					     .param = KERNEL_STATMOUNT_SB_BASIC |
						      KERNEL_STATMOUNT_MNT_ROOT |
						      KERNEL_STATMOUNT_MNT_POINT,
					     .mnt_ns_id = mnt_ns_id };
	union answer answer;
	const char *texts = answer.room + sizeof(answer.mount);

	/* One whose path does not fit, or that is gone meanwhile, is left out. */
	if (syscall(KERNEL_SYS_statmount, &request, &answer, sizeof(answer), 0) == 0 &&
	    (answer.mount.mask & request.param) == request.param &&
	    answer.mount.sb_magic == KERNEL_NSFS_MAGIC)
		found(context, texts + answer.mount.mnt_root, texts + answer.mount.mnt_point);
}

int mntlist_find_nsfs(int mnt_ns,
		      void (*found)(void *context, const char *root, const char *mount_point),
		      void *context)
{
	struct kernel_mnt_id_req request = { .size = sizeof(request), .mnt_id = KERNEL_LSMT_ROOT };
	unsigned long long ids[IDS];
	long count;

	if (ioctl(mnt_ns, KERNEL_NS_GET_MNTNS_ID, &request.mnt_ns_id) != 0)
		return -1;
	while ((count = syscall(KERNEL_SYS_listmount, &request, ids, IDS, 0)) > 0) {
		for (long i = 0; i < count; i++)
			look_at(request.mnt_ns_id, ids[i], found, context);
		request.param = ids[count - 1];
	}
	return count < 0 ? -1 : 0;
}
