/*
 * crowd - so many sleeping processes in so many namespaces
 *
 * SPDX-License-Identifier: MIT
 *
 *	crowd PROCESSES OWN	makes that many processes, OWN of them in user, UTS and IPC
 *				namespaces of their own, prints "ready" and waits
 *	crowd -w		walks /proc as plainly as can be, eight links and one file a
 *				process, and prints the milliseconds that it took
 *	crowd -m COMMAND [ARGUMENT...]
 *				runs it in silence, and prints the milliseconds that it took and
 *				the KiB of memory that it had
 *
 * The processes end with the first, and that with whoever started it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void sleep_there(pid_t parent, int own)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	if (own && unshare(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC) != 0)
		perror("crowd: unshare");
	for (;;)
		pause();
}

static int crowd(long processes, long own)
{
	pid_t parent = getpid();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (long i = 0; i < processes; i++) {
		pid_t child = fork();

		if (child < 0) {
			perror("crowd: fork");
			return 1;
		}
		if (child == 0)
			sleep_there(parent,
				    own > 0 && i * own / processes != (i + 1) * own / processes);
	}
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}

static void walk_process(int proc, const char *pid)
{
	static const char *const types[] = { "user", "mnt", "uts",    "ipc",
					     "net",  "pid", "cgroup", "time" };
	char path[300], text[4096];
	int fd;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(path, sizeof(path), "%s/ns/%s", pid, types[i]);
		if (readlinkat(proc, path, text, sizeof(text)) < 0)
			continue;
	}
	snprintf(path, sizeof(path), "%s/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text)) < 0)
		perror("crowd: read");
	if (fd >= 0)
		close(fd);
}

static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int measure(char *command[])
{
	double begin = milliseconds();
	struct rusage usage;
	pid_t child = fork();
	int null, status;

	if (child == 0) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
			_exit(127);
		execvp(command[0], command);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) < 0)
		return 1;
	printf("%.1f %ld\n", milliseconds() - begin, usage.ru_maxrss);
	return status != 0;
}

static int walk(void)
{
	DIR *proc = opendir("/proc");
	double begin = milliseconds();
	struct dirent *entry;
	long processes = 0;

	if (proc == NULL)
		return 1;
	while ((entry = readdir(proc)) != NULL)
		if (strspn(entry->d_name, "0123456789") > 0) {
			walk_process(dirfd(proc), entry->d_name);
			processes++;
		}
	closedir(proc);
	printf("%.1f 0\n", milliseconds() - begin);
	return processes == 0;
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "-w") == 0)
		return walk();
	if (argc > 2 && strcmp(argv[1], "-m") == 0)
		return measure(argv + 2);
	if (argc != 3)
		return 2;
	return crowd(strtol(argv[1], NULL, 10), strtol(argv[2], NULL, 10));
}
