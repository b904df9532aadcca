/*
 * floor - the least that a program can do: given calls, and nothing else
 *
 * SPDX-License-Identifier: MIT
 *
 *	floor [STEP...] exec COMMAND [ARGUMENT...]
 *
 * Steps: "-LETTERS", unshare(2) of the types that have these letters; "map", the caller is
 * root; "private", mount propagation; "lo", up; "fork", and it waits; "proc", mounted;
 * "join PID -LETTERS", setns(2) to a pidfd; "file PATH", setns(2) to that.  What benches
 * compare the tools with, and an empty program without any step.
 */
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIDFD_OPEN = 434, NEWTIME = 0x80 };

static int flags_of(const char *letters)
{
	static const struct {
		char letter;
		int flag;
	} types[] = {
		{ 'U', CLONE_NEWUSER }, { 'm', CLONE_NEWNS },  { 'u', CLONE_NEWUTS },
		{ 'i', CLONE_NEWIPC },  { 'n', CLONE_NEWNET }, { 'p', CLONE_NEWPID },
		{ 'C', 0x02000000 },    { 'T', NEWTIME },
	};
	int flags = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strchr(letters, types[i].letter) != NULL)
			flags |= types[i].flag;
	return flags;
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return written;
}

/* As it is done by one who has the privilege outside. */
static bool map_root(uid_t uid, gid_t gid)
{
	char users[32], groups[32];

	snprintf(users, sizeof(users), "0 %u 1", uid);
	snprintf(groups, sizeof(groups), "0 %u 1", gid);
	return write_file("/proc/self/setgroups", "deny") &&
	       write_file("/proc/self/uid_map", users) && write_file("/proc/self/gid_map", groups);
}

static bool bring_up_lo(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_up = ioctl(fd, SIOCSIFFLAGS, &lo) == 0;

	close(fd);
	return is_up;
}

static bool wait_in_parent(void)
{
	pid_t pid = fork();
	int status;

	if (pid > 0)
		_exit(waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 1);
	return pid == 0;
}

/* Does the step at *argv, and moves on to the last word of it. */
static bool do_step(char ***argv, uid_t uid, gid_t gid)
{
	const char *step = **argv;

	if (step[0] == '-')
		return unshare(flags_of(step)) == 0;
	if (strcmp(step, "map") == 0)
		return map_root(uid, gid);
	if (strcmp(step, "private") == 0)
		return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	if (strcmp(step, "lo") == 0)
		return bring_up_lo();
	if (strcmp(step, "fork") == 0)
		return wait_in_parent();
	if (strcmp(step, "proc") == 0)
		return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
	if (strcmp(step, "file") == 0)
		return setns(open(*++*argv, O_RDONLY | O_CLOEXEC), 0) == 0;
	*argv += 2;
	return strcmp(step, "join") == 0 &&
	       setns((int)syscall(PIDFD_OPEN, (pid_t)strtol((*argv)[-1], NULL, 10), 0),
		     flags_of(**argv)) == 0;
}

int main(int argc, char *argv[])
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	(void)argc;
	while (*++argv != NULL && strcmp(*argv, "exec") != 0)
		if (!do_step(&argv, uid, gid)) {
			perror("floor");
			return 125;
		}
	execvp(argv[1], argv + 1);
	return 127;
}
