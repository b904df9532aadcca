/*
 * holder - keep a namespace alive in which no process is
 *
 * SPDX-License-Identifier: MIT
 *
 *	holder HOW [TYPE]
 *
 * HOW is "thread" (one thread is in it), "fd" (an open descriptor; of a PID namespace init
 * has ended), "socket" (TYPE is net) or "children" (TYPE is time, made for children that
 * never come); or "left" (all but one thread, which stays) or "last" (it is the caller's,
 * and the first thread has ended).  TYPE is uts, if not given.  Prints the inode and waits.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nstype.h"

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void report(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		fail(path);
	printf("%ju\n", (uintmax_t)st.st_ino);
	fflush(stdout);
}

static void make(const struct nstype *type)
{
	if (unshare(type->flag) != 0)
		fail("unshare");
}

static void *be_there(void *type)
{
	char path[64];

	make(type);
	snprintf(path, sizeof(path), "/proc/thread-self/%s", ((const struct nstype *)type)->link);
	report(path);
	for (;;)
		pause();
	return NULL;
}

static void by_thread(const struct nstype *type)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, be_there, (void *)type) != 0)
		fail("pthread_create");
}

/* The first process of a PID namespace makes pid_for_children appear; 0 for other types. */
static pid_t start_init(const struct nstype *type)
{
	pid_t init = type->flag == CLONE_NEWPID ? fork() : 0;

	if (init == 0 && type->flag == CLONE_NEWPID)
		pause();
	return init;
}

/* A child makes the namespace, and it and init end once that is open here. */
static void by_fd(const struct nstype *type)
{
	pid_t child = -1, init;
	char path[64];
	int ready[2], fd;

	if (pipe2(ready, O_CLOEXEC) != 0 || (child = fork()) < 0)
		fail("fork");
	if (child == 0) {
		make(type);
		init = start_init(type);
		if (write(ready[1], &init, sizeof(init)) != sizeof(init))
			_exit(1);
		if (init > 0)
			waitpid(init, NULL, 0);
		pause();
	}
	if (read(ready[0], &init, sizeof(init)) != sizeof(init))
		fail("read");
	snprintf(path, sizeof(path), "/proc/%d/%s", child, type->new_link);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	if (init > 0)
		kill(init, SIGKILL);
	for (int i = 0; init > 0 && i < 1000 && kill(init, 0) == 0; i++)
		usleep(1000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	report(path);
}

/* A child makes a socket there, hands it over and ends. */
static void by_socket(const struct nstype *type)
{
	char byte = 0, room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec bytes = { &byte, 1 };
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = room,
				  .msg_controllen = sizeof(room) };
	struct cmsghdr *control = CMSG_FIRSTHDR(&message);
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) != 0)
		fail("socketpair");
	if (fork() == 0) {
		make(type);
		report("/proc/self/ns/net");
		control->cmsg_level = SOL_SOCKET;
		control->cmsg_type = SCM_RIGHTS;
		control->cmsg_len = CMSG_LEN(sizeof(int));
		*(int *)CMSG_DATA(control) = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		_exit(sendmsg(pair[0], &message, 0) != 1);
	}
	if (recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC) != 1)
		fail("recvmsg");
	wait(NULL);
}

static void by_children(const struct nstype *type)
{
	char path[64];

	make(type);
	snprintf(path, sizeof(path), "/proc/self/%s", type->new_link);
	report(path);
}

/* The other thread, while this one leaves, or ends. */
static void *stay(void *is_last)
{
	char text[512] = "", *state = text;

	for (int i = 0; is_last != NULL && i < 1000 && strncmp(state, ") Z", 3) != 0; i++) {
		FILE *file = fopen("/proc/self/stat", "re");

		usleep(1000);
		if (file == NULL || fgets(text, sizeof(text), file) == NULL)
			fail("/proc/self/stat");
		fclose(file);
		state = strrchr(text, ')');
	}
	if (is_last != NULL)
		report(is_last);
	for (;;)
		pause();
	return NULL;
}

static void by_others(const struct nstype *type, bool is_last)
{
	char path[64];
	pthread_t thread;

	snprintf(path, sizeof(path), "/proc/thread-self/%s", type->link);
	if (pthread_create(&thread, NULL, stay, is_last ? path : NULL) != 0)
		fail("pthread_create");
	if (is_last)
		syscall(SYS_exit, 0);
	make(type);
	report(path);
}

int main(int argc, char *argv[])
{
	const char *how = argc > 1 ? argv[1] : "", *name = argc > 2 ? argv[2] : "uts";
	const struct nstype *type = nstype_by_name(name, strlen(name));

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (type == NULL)
		return 2;
	if (strcmp(how, "thread") == 0)
		by_thread(type);
	else if (strcmp(how, "fd") == 0)
		by_fd(type);
	else if (strcmp(how, "socket") == 0)
		by_socket(type);
	else if (strcmp(how, "children") == 0)
		by_children(type);
	else if (strcmp(how, "left") == 0 || strcmp(how, "last") == 0)
		by_others(type, strcmp(how, "last") == 0);
	else
		return 2;
	for (;;)
		pause();
}
