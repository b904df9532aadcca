/*
 * pidfd.c - from a pidfd to what /proc says of the process
 *
 * SPDX-License-Identifier: MIT
 */
#include "pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"
#include "num.h"

/* The number after "Pid:"; 0, or -1: the proc does not show it.  Without the file 0, and errno. */
static uint64_t read_number(const char *path)
{
	autofile *file = fopen(path, "re");
	autofree char *line = NULL;
	size_t size = 0;
	uint64_t number = 0;

	if (file == NULL)
		return 0;
	errno = ESRCH;
	while (getline(&line, &size, file) > 0)
		if (strncmp(line, "Pid:\t", 5) == 0) {
			line[strcspn(line, "\n")] = '\0';
			return num_parse(line + 5, INT_MAX, &number) ? number : 0;
		}
	return 0;
}

int pidfd_open_proc(int pidfd)
{
	uint64_t number;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	number = read_number(path);
	if (number == 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d", (int)number);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int pidfd_read_inode(int pidfd, uint64_t *inode)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(pidfd, &fs) != 0 || fstat(pidfd, &st) != 0)
		return -1;
	errno = ENOTSUP;
	*inode = st.st_ino;
	return fs.f_type == KERNEL_PID_FS_MAGIC ? 0 : -1;
}

bool pidfd_has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) != 0;
}

int pidfd_open_own(unsigned which)
{
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, getpid(), 0);

	return pidfd < 0 ? -1 : ioctl(pidfd, which, 0);
}
