/*
 * quarry - processes to enter, and what a shell can't tell of them
 *
 * SPDX-License-Identifier: MIT
 *
 *	quarry inode PID		prints the inode of its pidfd, "none" before 6.9
 *	quarry zombie			prints the PID of a zombie, and waits
 *	quarry share COMMAND...		which shares its root and directory with us (CLONE_FS)
 *	quarry environ COUNT [WORD]	runs on with COUNT variables of 1 KiB, "WORD" alone as the
 *					first, and no other; prints "ready", and waits
 *	quarry hunt [-p] TARGETS WAVES RUNS COMMAND...
 *
 * hunt keeps so many targets, each alone in its UTS and IPC namespaces, whose host name
 * and msgmax are a number that no other has.  In each wave it starts that many runs at
 * once, of "COMMAND... PID:INODE cat hostname msgmax", or with -p PID alone, and until they
 * have ended kills one target after the other and makes another with the same PID, for
 * which it must be root in its PID namespace.  It ends with a line "N right, N refused,
 * N wrong, N hung": right are both numbers of the target meant, with -p of any one target;
 * refused is 125 and nothing on stdout.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"

/* What is made meanwhile has lower PIDs, in a PID namespace of its own. */
enum { FIRST_PID = 30000, HUNG_AFTER = 20000, LINE_BYTES = 64 };

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(1);
}

static _Noreturn void wait_forever(void)
{
	for (;;)
		pause();
}

static uint64_t pidfd_inode(pid_t pid)
{
	int fd = (int)syscall(KERNEL_SYS_pidfd_open, pid, 0);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || fstatfs(fd, &fs) != 0)
		fail("pidfd_open");
	close(fd);
	return fs.f_type == KERNEL_PID_FS_MAGIC ? st.st_ino : 0;
}

static int print_inode(const char *pid)
{
	uint64_t inode = pidfd_inode((pid_t)strtol(pid, NULL, 10));

	if (inode == 0)
		puts("none");
	else
		printf("%ju\n", (uintmax_t)inode);
	return 0;
}

static int be_parent_of_zombie(void)
{
	pid_t pid = fork();
	siginfo_t info;

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0)
		fail("fork");
	printf("%d\n", (int)pid);
	fflush(stdout);
	wait_forever();
}

static int share_directory(char *argv[])
{
	int status;
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		execvp(argv[0], argv);
	if (pid <= 0 || waitpid(pid, &status, 0) < 0)
		fail("clone");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int have_environment(char *argv[], long count, char *word)
{
	char **list = calloc((size_t)count + 2, sizeof(*list)), *self[] = { argv[0], NULL };
	long at = 0;

	if (list == NULL)
		fail("calloc");
	if (word != NULL)
		list[at++] = word;
	for (long i = 0; i < count; i++)
		if (asprintf(&list[at++], "V%ld=%01000d", i, 0) < 0)
			fail("asprintf");
	execve("/proc/self/exe", self, list);
	fail("execve");
	return 1;
}

struct prey {
	pid_t pid;
	int number;
	uint64_t inode;
};

struct job {
	pid_t pid;
	int out, wanted;
	long since;
};

struct hunt {
	struct prey *prey;
	int targets, numbers, first_number;
	bool by_pid;
	int right, refused, wrong, hung;
	char **command;
	int length;
};

static long milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Makes the namespaces, and in them a child of our parent with this PID (clone3(2),
 * set_tid, 5.5): whoever looks at it finds it complete.
 */
static _Noreturn void make_prey(int number, pid_t pid)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
		uint64_t set_tid, set_tid_size;
	} args = { .flags = CLONE_PARENT, .set_tid = (uintptr_t)&pid, .set_tid_size = 1 };
	char text[16];
	int fd, length = snprintf(text, sizeof(text), "%d", number);
	pid_t made;

	if (unshare(CLONE_NEWUTS | CLONE_NEWIPC) != 0 || sethostname(text, (size_t)length) != 0)
		fail("unshare");
	fd = open("/proc/sys/kernel/msgmax", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, (size_t)length) != length)
		fail("msgmax");
	close(fd);
	made = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (made == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		wait_forever();
	}
	if (made != pid)
		fail("clone3");
	_exit(0);
}

/* With the PID that its predecessor had. */
static void replace(struct hunt *hunt, int i)
{
	struct prey *prey = &hunt->prey[i];
	int status;
	pid_t maker;

	if (prey->pid > 0) {
		kill(prey->pid, SIGKILL);
		if (waitpid(prey->pid, NULL, 0) < 0)
			fail("waitpid");
	}
	prey->number = hunt->numbers++;
	prey->pid = FIRST_PID + i;
	maker = fork();
	if (maker == 0)
		make_prey(prey->number, prey->pid);
	if (maker < 0 || waitpid(maker, &status, 0) < 0 || status != 0)
		fail("fork");
	prey->inode = pidfd_inode(prey->pid);
}

/* It begins when the gate is closed. */
static void start(const struct hunt *hunt, struct job *job, const struct prey *prey, int gate[2])
{
	char target[64], *argv[32], byte;
	int out[2], n = 0;

	if (pipe2(out, O_CLOEXEC) != 0)
		fail("pipe");
	if (hunt->by_pid)
		snprintf(target, sizeof(target), "%d", (int)prey->pid);
	else
		snprintf(target, sizeof(target), "%d:%ju", (int)prey->pid, (uintmax_t)prey->inode);
	for (; n < hunt->length && n < 27; n++)
		argv[n] = hunt->command[n];
	argv[n++] = target;
	argv[n++] = (char *)"cat";
	argv[n++] = (char *)"/proc/sys/kernel/hostname";
	argv[n++] = (char *)"/proc/sys/kernel/msgmax";
	argv[n] = NULL;
	*job = (struct job){ .pid = fork(), .out = out[0], .wanted = prey->number };
	job->since = milliseconds();
	if (job->pid == 0) {
		close(gate[1]);
		/* The hunter is to have its turn before all are through. */
		if (nice(19) < 0 || read(gate[0], &byte, 1) != 0)
			_exit(98);
		dup2(out[1], STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(99);
	}
	if (job->pid < 0)
		fail("fork");
	close(out[1]);
}

static bool is_right(const struct hunt *hunt, const struct job *job, const char *text)
{
	char *end;
	long name = strtol(text, &end, 10), msgmax = strtol(end, NULL, 10);

	if (name != msgmax || name < hunt->first_number)
		return false;
	return hunt->by_pid || name == job->wanted;
}

/* True when it has ended, or did not. */
static bool finish(struct hunt *hunt, struct job *job)
{
	char text[LINE_BYTES + 1] = "";
	struct pollfd p = { .fd = job->out, .events = POLLIN };
	int status;

	if (waitpid(job->pid, &status, WNOHANG) == 0) {
		if (milliseconds() - job->since < HUNG_AFTER)
			return false;
		kill(job->pid, SIGKILL);
		waitpid(job->pid, &status, 0);
		hunt->hung++;
	} else if (poll(&p, 1, 0) < 0 || read(job->out, text, LINE_BYTES) < 0) {
		fail("read");
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 125 && text[0] == '\0') {
		hunt->refused++;
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && is_right(hunt, job, text)) {
		hunt->right++;
	} else {
		fprintf(stderr, "wrong: wanted %d, came '%s', status %x\n", job->wanted, text,
			(unsigned)status);
		hunt->wrong++;
	}
	close(job->out);
	job->pid = 0;
	return true;
}

/* The same numbers in each run, below `end` (a linear congruential generator). */
static unsigned number(unsigned end)
{
	static unsigned long long state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(state >> 33) % end;
}

/* All at once, and meanwhile one target after the other is replaced. */
static void run_wave(struct hunt *hunt, struct job *jobs, int count)
{
	int gate[2], ended = 0;

	if (pipe2(gate, O_CLOEXEC) != 0)
		fail("pipe");
	for (int i = 0; i < count; i++)
		start(hunt, &jobs[i], &hunt->prey[i % hunt->targets], gate);
	close(gate[0]);
	close(gate[1]);
	while (ended < count) {
		replace(hunt, (int)number((unsigned)hunt->targets));
		for (int i = 0; i < count; i++)
			if (jobs[i].pid > 0)
				ended += finish(hunt, &jobs[i]);
	}
}

static int go_hunting(struct hunt *hunt, int waves, int at_once)
{
	struct job *jobs = calloc((size_t)at_once, sizeof(*jobs));

	if (jobs == NULL)
		fail("calloc");
	/* Above every PID, default and limit that could come by chance. */
	hunt->first_number = hunt->numbers = 1000000;
	for (int i = 0; i < hunt->targets; i++)
		replace(hunt, i);
	while (waves-- > 0)
		run_wave(hunt, jobs, at_once);
	printf("%d right, %d refused, %d wrong, %d hung\n", hunt->right, hunt->refused, hunt->wrong,
	       hunt->hung);
	free(jobs);
	return hunt->wrong + hunt->hung > 0;
}

int main(int argc, char *argv[])
{
	const char *mode = argc > 1 ? argv[1] : "";
	struct hunt hunt = { 0 };

	if (argc == 1) {
		puts("ready");
		fflush(stdout);
		wait_forever();
	}
	if (strcmp(mode, "inode") == 0 && argc == 3)
		return print_inode(argv[2]);
	if (strcmp(mode, "zombie") == 0)
		return be_parent_of_zombie();
	if (strcmp(mode, "share") == 0 && argc >= 3)
		return share_directory(&argv[2]);
	if (strcmp(mode, "environ") == 0 && argc >= 3)
		return have_environment(argv, strtol(argv[2], NULL, 10), argv[3]);
	hunt.by_pid = argc > 2 && strcmp(argv[2], "-p") == 0;
	argv += hunt.by_pid;
	argc -= hunt.by_pid;
	if (strcmp(mode, "hunt") != 0 || argc < 6)
		return 2;
	hunt.targets = (int)strtol(argv[2], NULL, 10);
	hunt.prey = calloc((size_t)hunt.targets, sizeof(*hunt.prey));
	hunt.command = &argv[5];
	hunt.length = argc - 5;
	return hunt.prey == NULL ? 1
				 : go_hunting(&hunt, (int)strtol(argv[3], NULL, 10),
					      (int)strtol(argv[4], NULL, 10));
}
