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
#define KERNEL_NS_GET_USERNS         _IO(0xb7, 1)                          /* 4.9 */
#define KERNEL_NS_GET_PARENT         _IO(0xb7, 2)                          /* 4.9 */
#define KERNEL_NS_GET_NSTYPE         _IO(0xb7, 3)                          /* 4.11 */
#define KERNEL_NS_GET_OWNER_UID      _IO(0xb7, 4)                          /* 4.11 */
#define KERNEL_NS_GET_MNTNS_ID       _IOR(0xb7, 5, unsigned long long)     /* 6.11 */
#define KERNEL_NS_GET_PID_FROM_PIDNS _IOR(0xb7, 6, int)                    /* 6.11 */
#define KERNEL_NS_GET_PID_IN_PIDNS   _IOR(0xb7, 8, int)                    /* 6.11 */
#define KERNEL_NS_MNT_GET_NEXT       _IOR(0xb7, 11, unsigned long long[2]) /* 6.12 */
#define KERNEL_NS_MNT_GET_PREV       _IOR(0xb7, 12, unsigned long long[2]) /* 6.12 */
#define KERNEL_NS_GET_ID             _IOR(0xb7, 13, unsigned long long)    /* 6.18 */

/* ioctl(2) of a socket: its network namespace, 4.9 */
#define KERNEL_SIOCGSKNS 0x894C

/* ioctl(2) of a pidfd, 6.11; the argument must be 0 */
#define KERNEL_PIDFD_GET_CGROUP           _IO(0xff, 1)
#define KERNEL_PIDFD_GET_IPC              _IO(0xff, 2)
#define KERNEL_PIDFD_GET_MNT              _IO(0xff, 3)
#define KERNEL_PIDFD_GET_NET              _IO(0xff, 4)
#define KERNEL_PIDFD_GET_PID              _IO(0xff, 5)
#define KERNEL_PIDFD_GET_PID_FOR_CHILDREN _IO(0xff, 6)
#define KERNEL_PIDFD_GET_TIME             _IO(0xff, 7)
#define KERNEL_PIDFD_GET_USER             _IO(0xff, 9)
#define KERNEL_PIDFD_GET_UTS              _IO(0xff, 10)

/* PIDFD_GET_INFO in its first form, 6.13; no privilege is needed */
struct kernel_pidfd_info {
	unsigned long long mask, cgroup_id;
	unsigned pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int exit_code;
};
#define KERNEL_PIDFD_GET_INFO   _IOWR(0xff, 11, struct kernel_pidfd_info)
#define KERNEL_PIDFD_INFO_CREDS 2

/* statfs(2): f_type */
#define KERNEL_NSFS_MAGIC    0x6e736673
#define KERNEL_PROC_MAGIC    0x9fa0
#define KERNEL_PID_FS_MAGIC  0x50494446
#define KERNEL_CGROUP2_MAGIC 0x63677270
#define KERNEL_SOCKFS_MAGIC  0x534f434b

/* memfd_create(2), 6.3 */
#define KERNEL_MFD_EXEC 0x10u

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
#define KERNEL_FSCONFIG_SET_FLAG   0
#define KERNEL_FSCONFIG_SET_STRING 1
#define KERNEL_FSCONFIG_CREATE     6
#define KERNEL_FSMOUNT_CLOEXEC     1
#define KERNEL_ATTR_RDONLY         0x01
#define KERNEL_ATTR_NOSUID         0x02
#define KERNEL_ATTR_NODEV          0x04
#define KERNEL_ATTR_NOEXEC         0x08
#define KERNEL_ATTR_NOATIME        0x10
#define KERNEL_ATTR_STRICTATIME    0x20
#define KERNEL_ATTR_NODIRATIME     0x80
#define KERNEL_MOVE_F_EMPTY_PATH   0x04
#define KERNEL_MOVE_T_EMPTY_PATH   0x40

/* listmount(2) and statmount(2), 6.8; mnt_ns_id, 6.11 */
#define KERNEL_SYS_statmount       457
#define KERNEL_SYS_listmount       458
#define KERNEL_LSMT_ROOT           (~0ull)
#define KERNEL_STATMOUNT_SB_BASIC  0x01u
#define KERNEL_STATMOUNT_MNT_ROOT  0x08u
#define KERNEL_STATMOUNT_MNT_POINT 0x10u

struct kernel_mnt_id_req {
	unsigned size, spare;
	unsigned long long mnt_id, param, mnt_ns_id;
};

/* Texts follow it; mnt_root and mnt_point are where in these they are. */
struct kernel_statmount {
	unsigned size, mnt_opts;
	unsigned long long mask; /* what the kernel has filled in */
	unsigned sb_dev_major, sb_dev_minor;
	unsigned long long sb_magic;
	unsigned sb_flags, fs_type;
	unsigned long long mnt_id, mnt_parent_id;
	unsigned mnt_id_old, mnt_parent_id_old;
	unsigned long long mnt_attr, mnt_propagation, mnt_peer_group, mnt_master, propagate_from;
	unsigned mnt_root, mnt_point;
	unsigned long long mnt_ns_id, later[49];
};
#define KERNEL_SYS_mount_setattr 442 /* 5.12 */

/* pidfds, 5.1 to 5.4 */
#define KERNEL_SYS_pidfd_send_signal 424
#define KERNEL_SYS_pidfd_open        434
#define KERNEL_SYS_pidfd_getfd       438 /* 5.6 */

#define KERNEL_SYS_close_range 436 /* 5.9 */

/* listns(2), 6.19, and file handles of namespaces, 6.18 */
#define KERNEL_SYS_listns   470
#define KERNEL_FD_NSFS_ROOT (-10003)
#define KERNEL_FILEID_NSFS  0xf1

struct kernel_ns_id_req {
	unsigned size, spare;
	unsigned long long ns_id; /* list those after it */
	unsigned ns_type, spare2; /* a mask of CLONE_NEW*, 0: all */
	unsigned long long user_ns_id;
};

struct kernel_nsfs_handle {
	unsigned long long ns_id;
	unsigned ns_type, ns_inum;
};

/* openat2(2), 5.6 */
#define KERNEL_SYS_openat2           437
#define KERNEL_RESOLVE_NO_XDEV       0x01
#define KERNEL_RESOLVE_NO_MAGICLINKS 0x02
#define KERNEL_RESOLVE_BENEATH       0x08
#define KERNEL_RESOLVE_IN_ROOT       0x10

/* openat2(2) with O_CLOEXEC; resolve is KERNEL_RESOLVE_*, or 0. */
static inline int kernel_open(int dir, const char *path, int flags, unsigned long long resolve)
{
	struct {
		unsigned long long flags, mode, resolve;
	} how = { (unsigned)(flags | O_CLOEXEC), 0, resolve };

	return (int)syscall(KERNEL_SYS_openat2, dir, path, &how, sizeof(how));
}

static inline int kernel_open_path(int dir, const char *path, int flags, unsigned long long resolve)
{
	return kernel_open(dir, path, flags | O_PATH, resolve);
}

/* Ids that mean "not mapped here" unless /proc/sys/kernel/overflow[ug]id says otherwise. */
#define KERNEL_OVERFLOW_ID 65534u

/* user_namespaces(7): at most this many lines in a map (4.15), in less than a page. */
#define KERNEL_IDMAP_LINES 340
#define KERNEL_IDMAP_BYTES 4096

/* uname(2), sethostname(2): without the terminating NUL. */
#define KERNEL_HOSTNAME_BYTES 64

#endif
