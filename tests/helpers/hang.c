/*
 * hang - a process that keeps whoever touches its command line waiting
 *
 * SPDX-License-Identifier: MIT
 *
 * Gives the page of its arguments to a userfaultfd(2) on which nobody answers: a fault
 * there, if it can wait, waits as long as this process lives.  Prints its PID and waits.
 * Ends with 2 where there is no userfaultfd for the kernel's own faults.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096 };

int main(int argc, char *argv[])
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	(void)argc;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) != 0)
		return 2;
	range.range.start = (uintptr_t)argv[0] & ~(uintptr_t)(PAGE - 1);
	range.range.len = PAGE;
	printf("%d\n", getpid());
	/* Once it has the page nothing may touch what may share it: the environment, the stack. */
	if (ioctl(fd, UFFDIO_REGISTER, &range) != 0 ||
	    madvise((void *)(uintptr_t)range.range.start, PAGE, MADV_DONTNEED) != 0)
		return 2;
	fflush(stdout);
	for (;;)
		pause();
}
