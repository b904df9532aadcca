/*
 * storm - run a command, perhaps often and with a signal at a random moment, and say how
 * it ended and what it left behind
 *
 * SPDX-License-Identifier: MIT
 *
 *	storm [OPTION...] COMMAND [ARGUMENT...]
 *
 *	-n RUNS		so often, with /dev/null on 0, 1 and 2 (once, with ours)
 *	-j JOBS		so many at a time (1)
 *	-s SIGNAL[,...]	send one of these, by number
 *	-u USEC		at a random moment in the first USEC microseconds after the exec
 *	-t SECONDS	COMMAND hangs when it runs longer than that (10)
 *	-b SIGNAL, -i SIGNAL	is blocked, ignored on entry; all others aren't
 *	-c NAME		one process whose argv[0] is NAME may be left behind
 *	-N TYPE		in a namespace of this type other than ours
 *
 * Prints a line for each run, "ended with STATUS", "died of SIGNAL" or "hung", then
 * ", left " and "nothing", "NAME", "N unreaped" (which COMMAND did not wait for), or the
 * argv[0] of each process that a second later was still there.  Such processes are killed.
 * Ends with 0, or with 1 when a worker gave up after ten runs that hung or left too much.
 *
 * The processes that COMMAND leaves become ours (PR_SET_CHILD_SUBREAPER), wherever they
 * are: as long as there is one, waitpid(2) does not say ECHILD.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIGNALS_MAX = 16, PROCESSES_MAX = 256, FAILURES_MAX = 10, SETTLED_AFTER = 1000 };

struct storm {
	long runs, jobs, microseconds, seconds;
	long signals[SIGNALS_MAX];
	unsigned signal_count;
	long blocked, ignored;
	const char *may_be_left, *other_namespace;
	char **argv;
	unsigned seed;
	int failures;
};

struct processes {
	pid_t pid[PROCESSES_MAX];
	size_t count;
};

static long milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void doze(long microseconds)
{
	struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

/* The first bytes of a file, NUL-terminated; "" where there is none. */
static void read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, buf, size - 1);
		close(fd);
	}
	buf[n > 0 ? n : 0] = '\0';
}

static void read_argv0(pid_t pid, char *buf, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	read_file(path, buf, size);
}

/* Adds every descendant of pid. */
static void find_descendants(pid_t pid, struct processes *found)
{
	char path[64], list[4096], *at = list, *end;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	read_file(path, list, sizeof(list));
	for (;;) {
		long child = strtol(at, &end, 10);

		if (end == at || found->count == PROCESSES_MAX)
			return;
		found->pid[found->count++] = (pid_t)child;
		find_descendants((pid_t)child, found);
		at = end;
	}
}

static bool in_other_namespace(pid_t pid, const char *type)
{
	char path[64], own[64] = "", other[64] = "";

	snprintf(path, sizeof(path), "/proc/self/ns/%s", type);
	if (readlink(path, own, sizeof(own) - 1) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, type);
	return readlink(path, other, sizeof(other) - 1) > 0 && strcmp(own, other) != 0;
}

/* Is nothing left but the one process that may be? */
static bool only_the_permitted(const struct storm *s)
{
	struct processes left = { .count = 0 };
	char name[256];

	if (s->may_be_left == NULL)
		return false;
	find_descendants(getpid(), &left);
	if (left.count != 1)
		return false;
	read_argv0(left.pid[0], name, sizeof(name));
	return strcmp(name, s->may_be_left) == 0 &&
	       (s->other_namespace == NULL || in_other_namespace(left.pid[0], s->other_namespace));
}

/* Reaps what can be reaped; -1: there are no more children, neither dead nor alive. */
static int reap(void)
{
	int count = 0;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		count++;
	return pid < 0 && count == 0 ? -1 : count;
}

static void kill_the_rest(void)
{
	long end = milliseconds() + 5000;

	while (reap() >= 0 && milliseconds() < end) {
		struct processes left = { .count = 0 };

		find_descendants(getpid(), &left);
		for (size_t i = 0; i < left.count; i++)
			kill(left.pid[i], SIGKILL);
		doze(200);
	}
}

static void name_the_rest(char *text, size_t size)
{
	struct processes left = { .count = 0 };
	size_t used = 0;
	char name[256];

	find_descendants(getpid(), &left);
	for (size_t i = 0; i < left.count && used < size; i++) {
		read_argv0(left.pid[i], name, sizeof(name));
		used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? " and " : "",
					 name);
	}
}

/* Waits for what the command left to go; true: it left no more than it may. */
static bool settle(const struct storm *s, bool was_killed, char *text, size_t size)
{
	long end = milliseconds() + SETTLED_AFTER;
	int count, unreaped = 0;

	while ((count = reap()) >= 0) {
		unreaped += count;
		if (only_the_permitted(s)) {
			snprintf(text, size, "%s", s->may_be_left);
			return true;
		}
		if (milliseconds() > end) {
			name_the_rest(text, size);
			return false;
		}
		doze(50);
	}
	if (unreaped == 0 || was_killed)
		snprintf(text, size, "nothing");
	else
		snprintf(text, size, "%d unreaped", unreaped);
	return unreaped == 0 || was_killed;
}

__attribute__((noreturn)) static void execute(const struct storm *s)
{
	sigset_t set;

	for (int n = 1; n < NSIG; n++)
		signal(n, n == s->ignored ? SIG_IGN : SIG_DFL);
	sigemptyset(&set);
	if (s->blocked > 0)
		sigaddset(&set, (int)s->blocked);
	sigprocmask(SIG_SETMASK, &set, NULL);
	if (s->runs > 1) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		if (null > 2)
			close(null);
	}
	execvp(s->argv[0], s->argv);
	perror(s->argv[0]);
	_exit(127);
}

/* Returns when it was executed. */
static pid_t start(const struct storm *s)
{
	int gate[2];
	char byte;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
		perror("storm");
		exit(2);
	}
	if (pid == 0)
		execute(s);
	close(gate[1]);
	while (read(gate[0], &byte, 1) > 0)
		;
	close(gate[0]);
	return pid;
}

static bool await_end(pid_t pid, long seconds, int *status)
{
	long end = milliseconds() + seconds * 1000;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (milliseconds() > end)
			return false;
		doze(50);
	}
	return true;
}

static void run(struct storm *s)
{
	char how[64] = "hung", left[512] = "";
	int status = 0, sent = 0;
	pid_t pid = start(s);
	bool ended, clean;

	if (s->signal_count > 0) {
		sent = (int)s->signals[(unsigned)rand_r(&s->seed) % s->signal_count];
		doze(rand_r(&s->seed) % (s->microseconds + 1));
		kill(pid, sent);
	}
	ended = await_end(pid, s->seconds, &status);
	if (ended && WIFSIGNALED(status))
		snprintf(how, sizeof(how), "died of %d", WTERMSIG(status));
	else if (ended)
		snprintf(how, sizeof(how), "ended with %d", WEXITSTATUS(status));
	clean = settle(s, sent == SIGKILL, left, sizeof(left));
	kill_the_rest();
	s->failures += !ended || !clean;
	printf("%s, left %s\n", how, left);
	fflush(stdout);
}

__attribute__((noreturn)) static void work(struct storm *s, long runs)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	s->seed = (unsigned)(t.tv_nsec ^ getpid());
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_TIMERSLACK, 1);
	while (runs-- > 0 && s->failures < FAILURES_MAX)
		run(s);
	_exit(s->failures >= FAILURES_MAX);
}

static void parse_signals(struct storm *s, char *text)
{
	for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ","))
		if (s->signal_count < SIGNALS_MAX)
			s->signals[s->signal_count++] = strtol(word, NULL, 10);
}

static void parse(struct storm *s, int argc, char *argv[])
{
	int option;

	while ((option = getopt(argc, argv, "+n:j:s:u:t:b:i:c:N:")) >= 0)
		switch (option) {
		case 'n': s->runs = strtol(optarg, NULL, 10); break;
		case 'j': s->jobs = strtol(optarg, NULL, 10); break;
		case 's': parse_signals(s, optarg); break;
		case 'u': s->microseconds = strtol(optarg, NULL, 10); break;
		case 't': s->seconds = strtol(optarg, NULL, 10); break;
		case 'b': s->blocked = strtol(optarg, NULL, 10); break;
		case 'i': s->ignored = strtol(optarg, NULL, 10); break;
		case 'c': s->may_be_left = optarg; break;
		case 'N': s->other_namespace = optarg; break;
		default: exit(2);
		}
	s->argv = argv + optind;
	if (s->argv[0] == NULL || s->jobs < 1) {
		fprintf(stderr, "usage: storm [OPTION...] COMMAND [ARGUMENT...]\n");
		exit(2);
	}
}

int main(int argc, char *argv[])
{
	struct storm s = { .runs = 1, .jobs = 1, .seconds = 10 };
	int status, result = 0;

	parse(&s, argc, argv);
	for (long i = 0; i < s.jobs; i++) {
		pid_t pid = fork();

		if (pid == 0)
			work(&s, s.runs / s.jobs + (i < s.runs % s.jobs));
		if (pid < 0) {
			perror("storm");
			return 2;
		}
	}
	while (wait(&status) > 0)
		if (status != 0)
			result = 1;
	return result;
}
