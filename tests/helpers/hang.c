/*
 * hang - a process that keeps others waiting, for as long as it lives
 *
 * SPDX-License-Identifier: MIT
 *
 *	hang		whoever touches its command line
 *	hang DIR	whoever goes to DIR, or looks something up there
 *
 * Prints its PID and waits.  The page of its arguments is given to a userfaultfd(2), DIR
 * to a FUSE (mount(2) in its own mount namespace), on which nobody answers.  Ends with 2
 * where there is no userfaultfd for the kernel's own faults, or no such mount.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096 };

static _Noreturn void wait_forever(void)
{
	for (;;)
		pause();
}

static int hang_directory(const char *dir)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[64];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || mount("hang", dir, "fuse", 0, options) != 0)
		return 2;
	printf("%d\n", getpid());
	fflush(stdout);
	wait_forever();
}

int main(int argc, char *argv[])
{
	int fd = argc > 1 ? -1 : (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	if (argc > 1)
		return hang_directory(argv[1]);
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
	wait_forever();
}
