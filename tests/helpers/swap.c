/*
 * swap - while a command is run again and again, two names change places
 *
 *	swap TIMES NAME OTHER OUTSIDE COMMAND [ARGUMENT...]
 *
 * SPDX-License-Identifier: MIT
 *
 * NAME and OTHER are exchanged all the while.  What the command mounts on either is
 * unmounted after each run.  Prints how often it was mounted, and how often the command
 * failed; ends with 1 as soon as a proc is mounted on OUTSIDE.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "num.h"

enum { EXCHANGE = 2 }; /* RENAME_EXCHANGE */

static pid_t start_swapper(const char *name, const char *other)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		syscall(SYS_renameat2, AT_FDCWD, name, AT_FDCWD, other, EXCHANGE);
		usleep(20);
	}
}

static int run(char *argv[])
{
	int status, null;
	pid_t pid = fork();

	if (pid == 0) {
		null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		err(2, "%s", argv[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int is_proc(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == KERNEL_PROC_MAGIC;
}

int main(int argc, char *argv[])
{
	unsigned long mounted = 0, refused = 0, covered = 0;
	uint64_t times;
	pid_t swapper;

	if (argc < 6 || !num_parse(argv[1], 1000000, &times))
		errx(2, "usage: swap TIMES NAME OTHER OUTSIDE COMMAND [ARGUMENT...]");
	swapper = start_swapper(argv[2], argv[3]);
	for (uint64_t i = 0; i < times && covered == 0; i++) {
		int status = run(&argv[5]);

		mounted += status == 0;
		refused += status == 125;
		covered += is_proc(argv[4]) || (status != 0 && status != 125);
		umount2(argv[2], MNT_DETACH | UMOUNT_NOFOLLOW);
		umount2(argv[3], MNT_DETACH | UMOUNT_NOFOLLOW);
	}
	kill(swapper, SIGKILL);
	waitpid(swapper, NULL, 0);
	printf("mounted %lu refused %lu covered %lu\n", mounted, refused, covered);
	return covered != 0;
}
