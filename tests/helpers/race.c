/*
 * race - how long commands take, side by side
 *
 * SPDX-License-Identifier: MIT
 *
 *	race ROUNDS -- COMMAND [ARGUMENT...] [-- COMMAND [ARGUMENT...]]...
 *
 * Runs them in turn, A B A B, in silence, each round beginning with another one, after
 * one round that does not count.  Prints a line for each, tab-separated: the median in
 * microseconds, from fork to the end of it; the median over the rounds of the ratio to
 * the first one's time; and the quartiles of that ratio.  A command that fails ends it.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS_MAX = 8 };

struct runner {
	char **argv;
	double *took; /* microseconds, one a round */
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value below which this share of them is. */
static double quantile(const double *values, size_t count, double share)
{
	double *sorted = malloc(count * sizeof(*sorted)), value;

	if (sorted == NULL)
		exit(2);
	memcpy(sorted, values, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	value = sorted[(size_t)(share * (double)(count - 1) + 0.5)];
	free(sorted);
	return value;
}

static double run(char **argv, const posix_spawn_file_actions_t *silence)
{
	struct timespec start, end;
	pid_t pid;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (argv[0] == NULL || posix_spawnp(&pid, argv[0], silence, NULL, argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "race: failed: %s\n", argv[0] != NULL ? argv[0] : "nothing");
		exit(1);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (double)(end.tv_sec - start.tv_sec) * 1e6 +
	       (double)(end.tv_nsec - start.tv_nsec) / 1e3;
}

/* Cuts the arguments at "--". */
static size_t find_runners(char *argv[], struct runner *runner, size_t rounds)
{
	size_t count = 0;

	for (; *argv != NULL; argv++) {
		if (strcmp(*argv, "--") != 0)
			continue;
		if (argv[1] == NULL || count == COMMANDS_MAX)
			return 0;
		*argv = NULL;
		runner[count].argv = argv + 1;
		runner[count].took = calloc(rounds, sizeof(double));
		if (runner[count++].took == NULL)
			exit(2);
	}
	return count;
}

static void print(const struct runner *runner, const struct runner *first, size_t rounds)
{
	double *ratio = calloc(rounds, sizeof(*ratio));

	for (size_t i = 0; ratio != NULL && i < rounds; i++)
		ratio[i] = runner->took[i] / first->took[i];
	if (ratio != NULL)
		printf("%.0f\t%.3f\t%.3f\t%.3f\n", quantile(runner->took, rounds, 0.5),
		       quantile(ratio, rounds, 0.5), quantile(ratio, rounds, 0.25),
		       quantile(ratio, rounds, 0.75));
	free(ratio);
}

int main(int argc, char *argv[])
{
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	struct runner runner[COMMANDS_MAX] = { 0 };
	size_t count = rounds > 0 ? find_runners(argv + 2, runner, rounds) : 0;
	posix_spawn_file_actions_t silence;

	if (count == 0) {
		fprintf(stderr, "usage: race ROUNDS -- COMMAND... [-- COMMAND...]\n");
		return 2;
	}
	posix_spawn_file_actions_init(&silence);
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		posix_spawn_file_actions_addopen(&silence, fd, "/dev/null", O_WRONLY, 0);
	for (size_t i = 0; i < count; i++)
		run(runner[i].argv, &silence);
	for (size_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < count; i++) {
			size_t turn = (round + i) % count;

			runner[turn].took[round] = run(runner[turn].argv, &silence);
		}
	for (size_t i = 0; i < count; i++)
		print(&runner[i], &runner[0], rounds);
	return 0;
}
