/*
 * nstype.c - the eight types of namespaces, each stated once
 *
 * SPDX-License-Identifier: MIT
 */
#include "nstype.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"

/* The initial inodes are in the kernel's include/uapi/linux/nsfs.h (enum init_ns_ino, 6.18). */
/* clang-format off */
const struct nstype nstypes[NSTYPE_COUNT] = {
	{ "user", "user", 'U', CLONE_NEWUSER, "CLONE_NEWUSER", "ns/user", "ns/user",
	  0xEFFFFFFD, "max_user_namespaces", "user IDs, group IDs, capabilities",
	  KERNEL_PIDFD_GET_USER },
	{ "mnt", "mount", 'm', CLONE_NEWNS, "CLONE_NEWNS", "ns/mnt", "ns/mnt",
	  0xEFFFFFF8, "max_mnt_namespaces", "mount points",
	  KERNEL_PIDFD_GET_MNT },
	{ "uts", "uts", 'u', CLONE_NEWUTS, "CLONE_NEWUTS", "ns/uts", "ns/uts",
	  0xEFFFFFFE, "max_uts_namespaces", "host name, NIS domain name",
	  KERNEL_PIDFD_GET_UTS },
	{ "ipc", "ipc", 'i', CLONE_NEWIPC, "CLONE_NEWIPC", "ns/ipc", "ns/ipc",
	  0xEFFFFFFF, "max_ipc_namespaces", "System V IPC, POSIX message queues",
	  KERNEL_PIDFD_GET_IPC },
	{ "net", "net", 'n', CLONE_NEWNET, "CLONE_NEWNET", "ns/net", "ns/net",
	  0xEFFFFFF9, "max_net_namespaces", "network devices, addresses, ports",
	  KERNEL_PIDFD_GET_NET },
	{ "pid", "pid", 'p', CLONE_NEWPID, "CLONE_NEWPID", "ns/pid", "ns/pid_for_children",
	  0xEFFFFFFC, "max_pid_namespaces", "process IDs",
	  KERNEL_PIDFD_GET_PID },
	{ "cgroup", "cgroup", 'C', CLONE_NEWCGROUP, "CLONE_NEWCGROUP", "ns/cgroup", "ns/cgroup",
	  0xEFFFFFFB, "max_cgroup_namespaces", "cgroup root directory",
	  KERNEL_PIDFD_GET_CGROUP },
	{ "time", "time", 'T', CLONE_NEWTIME, "CLONE_NEWTIME", "ns/time", "ns/time_for_children",
	  0xEFFFFFFA, "max_time_namespaces", "boot and monotonic clocks",
	  KERNEL_PIDFD_GET_TIME },
};
/* clang-format on */

const struct nstype *nstype_by_name(const char *name, size_t length)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (strlen(nstypes[i].name) == length && memcmp(nstypes[i].name, name, length) == 0)
			return &nstypes[i];
	return NULL;
}

const char *nstype_parse_list(const char *names, int *flags)
{
	for (;;) {
		size_t length = strcspn(names, ",");
		const struct nstype *type = nstype_by_name(names, length);

		if (type == NULL)
			return names;
		*flags |= type->flag;
		if (names[length] == '\0')
			return NULL;
		names += length + 1;
	}
}

int nstype_all(void)
{
	int flags = 0;

	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		flags |= nstypes[i].flag;
	return flags;
}

const struct nstype *nstype_by_flag(int flag)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (nstypes[i].flag == flag)
			return &nstypes[i];
	return NULL;
}

bool nstype_exists(const struct nstype *type)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/%s", type->link);
	return access(path, F_OK) == 0 || errno != ENOENT || access("/proc/self/ns", F_OK) != 0;
}

bool nstype_is_own(const struct nstype *type, int fd)
{
	struct stat own, its;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/%s", type->link);
	return stat(path, &own) == 0 && fstat(fd, &its) == 0 && own.st_ino == its.st_ino &&
	       own.st_dev == its.st_dev;
}

bool nstype_is_ours(const struct nstype *type)
{
	autofd own = -1, owner = -1;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/%s", type->link);
	own = open(path, O_RDONLY | O_CLOEXEC);
	if (own >= 0)
		owner = ioctl(own, KERNEL_NS_GET_USERNS);
	return own < 0 || owner >= 0 || errno != EPERM;
}

const char *nstype_flags(int flags, char *buf)
{
	size_t used = 0;

	strcpy(buf, "0");
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((flags & nstypes[i].flag) != 0)
			used += (size_t)snprintf(buf + used, NSTYPE_FLAGS_BYTES - used, "%s%s",
						 used > 0 ? "|" : "", nstypes[i].flag_name);
	return buf;
}
