/*
 * inside - what a command can do in its namespaces, and what a shell can't tell
 *
 * SPDX-License-Identifier: MIT
 *
 *	inside tcp		sends a line to itself over TCP at 127.0.0.1, and prints it
 *	inside clocks		prints the seconds of the monotonic clock and of that since boot
 *	inside mounts		prints the kernel's number of the mount namespace (6.11)
 *	inside escape WAY FILE	tries to leave the root directory, needs CAP_SYS_CHROOT;
 *				prints "out" if FILE, an absolute name, is found then,
 *				else "in".  The WAY is
 *		cwd		a chroot(2) to "d" below, which leaves the cwd above it
 *		fd		the same, with a descriptor of the cwd
 *		NUMBER		a directory that is open as this descriptor
 *		PATH		a directory
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int talk_to_oneself(void)
{
	static const char line[] = "over 127.0.0.1\n";
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), from = socket(AF_INET, SOCK_STREAM, 0);
	char came[sizeof(line)] = "";
	int to;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) != 0)
		return fail("listen");
	if (connect(from, (struct sockaddr *)&address, length) != 0)
		return fail("connect");
	to = accept(listener, NULL, NULL);
	if (to < 0 || send(from, line, sizeof(line) - 1, 0) < 0 ||
	    recv(to, came, sizeof(line) - 1, MSG_WAITALL) < 0)
		return fail("talk");
	fputs(came, stdout);
	return 0;
}

static int print_clocks(void)
{
	struct timespec monotonic, boot;

	if (clock_gettime(CLOCK_MONOTONIC, &monotonic) != 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &boot) != 0)
		return fail("clock_gettime");
	printf("%lld %lld\n", (long long)monotonic.tv_sec, (long long)boot.tv_sec);
	return 0;
}

static int print_mounts(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	unsigned long long id;

	if (fd < 0 || ioctl(fd, _IOR(0xb7, 5, unsigned long long), &id) != 0)
		return fail("NS_GET_MNTNS_ID");
	printf("%llu\n", id);
	return 0;
}

/* Goes to a directory that may be above the root directory. */
static int go_outside(const char *way)
{
	int above = strcmp(way, "fd") == 0 ? open(".", O_RDONLY | O_DIRECTORY) : -1;

	if (above >= 0 || strcmp(way, "cwd") == 0) {
		if ((mkdir("d", 0755) != 0 && errno != EEXIST) || chroot("d") != 0)
			return -1;
		return above >= 0 ? fchdir(above) : 0;
	}
	if (strspn(way, "0123456789") == strlen(way))
		return fchdir((int)strtol(way, NULL, 10));
	return chdir(way);
}

static int escape(const char *way, const char *file)
{
	if (go_outside(way) != 0) {
		if (errno != EBADF && errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return fail(way);
	} else {
		for (int i = 0; i < 100; i++)
			if (chdir("..") != 0)
				break;
		if (chroot(".") != 0)
			return fail("chroot");
	}
	puts(access(file, F_OK) == 0 ? "out" : "in");
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "tcp") == 0)
		return talk_to_oneself();
	if (argc == 2 && strcmp(argv[1], "clocks") == 0)
		return print_clocks();
	if (argc == 2 && strcmp(argv[1], "mounts") == 0)
		return print_mounts();
	if (argc == 4 && strcmp(argv[1], "escape") == 0)
		return escape(argv[2], argv[3]);
	fputs("usage: inside tcp | clocks | mounts | escape WAY FILE\n", stderr);
	return 2;
}
