/*
 * mntlist.h - the mounts of any mount namespace, without a process in it
 *
 * SPDX-License-Identifier: MIT
 * layer 1
 */
#ifndef MNTLIST_H
#define MNTLIST_H

#include <stdint.h>

/*
 * Calls found(context, root, mount_point) for each mount of an nsfs, a mounted namespace, in
 * the mount namespace that mnt_ns is open on: root is "net:[INODE]", mount_point as that
 * namespace has it.  listmount(2) and statmount(2), of other namespaces since 6.11; these
 * need CAP_SYS_ADMIN over it.  Returns 0, or -1 with errno.
 */
int mntlist_find_nsfs(int mnt_ns,
		      void (*found)(void *context, const char *root, const char *mount_point),
		      void *context);

#endif
