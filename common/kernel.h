/*
 * kernel.h - kernel constants and calls that the C library's headers may lack
 *
 * SPDX-License-Identifier: MIT
 * layer 0
 *
 * Values are those of the kernel's own uapi headers; the version that brought
 * each stands beside it.  System call numbers from 424 on are the same on every
 * architecture but alpha.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080 /* 5.6 */
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000 /* 4.6 */
#endif

/* ioctl_ns(2) */
#define KERNEL_NS_GET_USERNS   _IO(0xb7, 1)                      /* 4.9 */
#define KERNEL_NS_GET_MNTNS_ID _IOR(0xb7, 5, unsigned long long) /* 6.11 */

/* statfs(2): f_type */
#define KERNEL_NSFS_MAGIC 0x6e736673
#define KERNEL_PROC_MAGIC 0x9fa0

/* statx(2) */
#define KERNEL_STATX_ATTR_MOUNT_ROOT 0x2000 /* 5.8 */

/* The new mount API, 5.2 */
#define KERNEL_SYS_open_tree  428
#define KERNEL_SYS_move_mount 429
#define KERNEL_SYS_fsopen     430
#define KERNEL_SYS_fsconfig   431
#define KERNEL_SYS_fsmount    432

#define KERNEL_OPEN_TREE_CLONE     1
#define KERNEL_AT_RECURSIVE        0x8000
#define KERNEL_FSOPEN_CLOEXEC      1
#define KERNEL_FSCONFIG_SET_STRING 1
#define KERNEL_FSCONFIG_CREATE     6
#define KERNEL_FSMOUNT_CLOEXEC     1
#define KERNEL_ATTR_RDONLY         0x01
#define KERNEL_ATTR_NOSUID         0x02
#define KERNEL_ATTR_NODEV          0x04
#define KERNEL_ATTR_NOEXEC         0x08
#define KERNEL_ATTR_NOATIME        0x10
#define KERNEL_MOVE_F_EMPTY_PATH   0x04
#define KERNEL_MOVE_T_EMPTY_PATH   0x40

/* pidfds, 5.1 to 5.4 */
#define KERNEL_SYS_pidfd_send_signal 424
#define KERNEL_SYS_pidfd_open        434

#define KERNEL_SYS_close_range 436 /* 5.9 */

/* openat2(2), 5.6 */
#define KERNEL_SYS_openat2     437
#define KERNEL_RESOLVE_IN_ROOT 0x10

/* openat2(2) with O_PATH|O_CLOEXEC; resolve is KERNEL_RESOLVE_IN_ROOT or 0. */
static inline int kernel_open_path(int dir, const char *path, int flags, unsigned long long resolve)
{
	struct {
		unsigned long long flags, mode, resolve;
	} how = { (unsigned)(flags | O_PATH | O_CLOEXEC), 0, resolve };

	return (int)syscall(KERNEL_SYS_openat2, dir, path, &how, sizeof(how));
}

/* Ids that mean "not mapped here" unless /proc/sys/kernel/overflow[ug]id says otherwise. */
#define KERNEL_OVERFLOW_ID 65534u

/* user_namespaces(7): at most this many lines in a map (4.15), in less than a page. */
#define KERNEL_IDMAP_LINES 340
#define KERNEL_IDMAP_BYTES 4096

/* uname(2), sethostname(2): without the terminating NUL. */
#define KERNEL_HOSTNAME_BYTES 64

#endif
