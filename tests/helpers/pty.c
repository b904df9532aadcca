/*
 * pty - run a command on a terminal of its own, and type into it
 *
 * SPDX-License-Identifier: MIT
 *
 *	pty [STEP...] -- COMMAND [ARGUMENT...]
 *
 * COMMAND gets a new session with a pseudo-terminal on 0, 1, 2.  The steps are done
 * in order: "expect:TEXT" waits until TEXT appears in what was printed since the
 * last match, "send:TEXT" types TEXT (C escapes \003 \n \\), "run:COMMAND" runs it by
 * sh outside of the terminal, where PTY_PID is COMMAND's PID, and must succeed,
 * "repeat:N" does the steps up to "end" N times, "within:SECONDS" bounds each step
 * from here on (20).  Then everything until the command's end is read.
 * What was printed goes to standard output; the status is the command's (128 + n
 * for a signal), 124 when a step took too long or failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_BYTES = 1 << 20 };

static char output[OUTPUT_BYTES];
static size_t used, matched;
static time_t seconds = 20;
static int terminal = -1;
static pid_t command = -1;

static void finish(int status)
{
	fwrite(output, 1, used, stdout);
	fflush(stdout);
	if (command > 0 && status == 124) {
		kill(-command, SIGKILL);
		kill(command, SIGKILL);
	}
	_exit(status);
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

/* Reads some output; false at its end. */
static bool read_some(int milliseconds)
{
	struct pollfd p = { .fd = terminal, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, milliseconds) <= 0)
		return true;
	if (used == OUTPUT_BYTES - 1)
		finish(124);
	n = read(terminal, output + used, OUTPUT_BYTES - 1 - used);
	if (n <= 0)
		return false;
	used += (size_t)n;
	output[used] = '\0';
	return true;
}

static void expect(const char *text)
{
	time_t end = now() + seconds;
	bool open = true;

	for (;;) {
		const char *at = strstr(output + matched, text);

		if (at != NULL) {
			matched = (size_t)(at - output) + strlen(text);
			return;
		}
		if (!open || now() > end) {
			fprintf(stderr, "pty: no '%s' in: %s\n", text, output + matched);
			finish(124);
		}
		open = read_some(100);
	}
}

static void type(const char *text)
{
	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == '\\' && text[1] == 'n') {
			c = '\n';
			text++;
		} else if (c == '\\' && text[1] >= '0' && text[1] <= '3') {
			c = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
			text += 3;
		} else if (c == '\\') {
			text++;
		}
		if (write(terminal, &c, 1) != 1)
			finish(124);
	}
}

static void run(const char *text)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", (int)command);
	setenv("PTY_PID", pid, 1);
	if (system(text) != 0) {
		fprintf(stderr, "pty: failed: %s\n", text);
		finish(124);
	}
}

static void do_steps(char **step, char **end)
{
	for (; step < end; step++) {
		if (strncmp(*step, "expect:", 7) == 0) {
			expect(*step + 7);
		} else if (strncmp(*step, "send:", 5) == 0) {
			type(*step + 5);
		} else if (strncmp(*step, "run:", 4) == 0) {
			run(*step + 4);
		} else if (strncmp(*step, "within:", 7) == 0) {
			seconds = strtol(*step + 7, NULL, 10);
		} else if (strncmp(*step, "repeat:", 7) == 0) {
			char **last = step + 1;

			while (last < end && strcmp(*last, "end") != 0)
				last++;
			for (long i = strtol(*step + 7, NULL, 10); i > 0; i--)
				do_steps(step + 1, last);
			step = last;
		} else {
			fprintf(stderr, "pty: unknown step '%s'\n", *step);
			finish(125);
		}
	}
}

static void start(char **argv)
{
	char name[64];
	int slave;

	terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0 ||
	    ptsname_r(terminal, name, sizeof(name)) != 0) {
		perror("pty");
		exit(125);
	}
	command = fork();
	if (command != 0)
		return;
	setsid();
	slave = open(name, O_RDWR);
	ioctl(slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	if (slave > 2)
		close(slave);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

int main(int argc, char *argv[])
{
	int status, i = 1;
	time_t end;

	while (i < argc && strcmp(argv[i], "--") != 0)
		i++;
	if (i + 1 >= argc) {
		fprintf(stderr, "usage: pty [STEP...] -- COMMAND [ARGUMENT...]\n");
		return 125;
	}
	start(argv + i + 1);
	do_steps(argv + 1, argv + i);
	end = now() + seconds;
	while (waitpid(command, &status, WNOHANG) == 0) {
		if (now() > end)
			finish(124);
		read_some(20);
	}
	while (used < OUTPUT_BYTES - 1) {
		size_t before = used;

		if (!read_some(50) || used == before)
			break;
	}
	command = -1;
	finish(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
