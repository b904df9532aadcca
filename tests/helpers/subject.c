/*
 * subject - a process that treats one signal in a way of its own
 *
 * SPDX-License-Identifier: MIT
 *
 *	subject MODE [SIGNAL]		(SIGNAL is a number, 15 by default)
 *
 * Prints "ready" once the mode is in force, then waits.
 *	handler		catches SIGNAL, exits with 40
 *	signalfd	blocks SIGNAL and reads it from a signalfd, exits with 41
 *	sigwait		blocks SIGNAL and awaits it in rt_sigtimedwait(2), during which it does
 *			not show as blocked, exits with 42
 *	ignore		ignores SIGNAL; prints "alive" and exits with 43 on SIGUSR1
 *	default		leaves it at its default action
 *	count		counts SIGNAL, prints "caught" each time; on SIGUSR1 (for SIGUSR1:
 *			SIGUSR2) prints "count N" and exits with 0
 *	continued	prints "went on" each time that SIGCONT arrives
 *	die		does not wait, but dies of SIGNAL, blocked, ignored or not
 *	type		does not wait, but types a line into its terminal (TIOCSTI): prints
 *			"typed", or "refused" and exits with 1
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static volatile sig_atomic_t count, printing;

static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(1);
}

static void on_handler(int s)
{
	(void)s;
	_exit(40);
}

static void on_count(int s)
{
	(void)s;
	count++;
	say("caught\n");
}

static void on_alive(int s)
{
	(void)s;
	say("alive\n");
	_exit(43);
}

static void on_print(int s)
{
	(void)s;
	printing = 1;
}

/* The signal to print is let in only here: none is missed between the test and the wait. */
static void print_count(int print)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, print);
	signal(print, on_print);
	sigprocmask(SIG_BLOCK, &set, &old);
	say("ready\n");
	while (!printing)
		sigsuspend(&old);
	printf("count %d\n", (int)count);
}

static void on_continued(int s)
{
	(void)s;
	say("went on\n");
}

static void die(int s)
{
	sigset_t set;

	signal(s, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, s);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(s);
}

static int type(const char *text)
{
	for (; *text != '\0'; text++)
		if (ioctl(STDIN_FILENO, TIOCSTI, text) != 0) {
			say("refused\n");
			return 1;
		}
	say("typed\n");
	return 0;
}

int main(int argc, char *argv[])
{
	const char *mode = argc > 1 ? argv[1] : "default";
	int s = argc > 2 ? (int)strtol(argv[2], NULL, 10) : SIGTERM;
	sigset_t set;
	int fd = -1;

	sigemptyset(&set);
	sigaddset(&set, s);
	if (strcmp(mode, "handler") == 0) {
		signal(s, on_handler);
	} else if (strcmp(mode, "signalfd") == 0) {
		sigprocmask(SIG_BLOCK, &set, NULL);
		fd = signalfd(-1, &set, 0);
	} else if (strcmp(mode, "sigwait") == 0) {
		sigprocmask(SIG_BLOCK, &set, NULL);
	} else if (strcmp(mode, "ignore") == 0) {
		signal(s, SIG_IGN);
		signal(SIGUSR1, on_alive);
	} else if (strcmp(mode, "count") == 0) {
		signal(s, on_count);
		print_count(s == SIGUSR1 ? SIGUSR2 : SIGUSR1);
		return 0;
	} else if (strcmp(mode, "die") == 0) {
		die(s);
		return 1;
	} else if (strcmp(mode, "type") == 0) {
		return type("stuffed\n");
	} else if (strcmp(mode, "continued") == 0) {
		signal(SIGCONT, on_continued);
	}
	say("ready\n");
	if (fd >= 0) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		while (poll(&p, 1, -1) != 1)
			;
		return 41;
	}
	if (strcmp(mode, "sigwait") == 0) {
		while (sigwaitinfo(&set, NULL) != s)
			;
		return 42;
	}
	for (;;)
		pause();
}
