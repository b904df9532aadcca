/*
 * timens.c - the clocks of a new time namespace (time_namespaces(7), 5.6)
 *
 * SPDX-License-Identifier: MIT
 */
#include "timens.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "num.h"

/* KTIME_SEC_MAX / 2, proc_timens_set_offset() in kernel/time/namespace.c. */
#define CLOCK_MAX 4611686018

#define NANOSECONDS 1000000000L

/* Adds our own namespace's offset: what our clock shows less what the host's shows. */
static struct timespec host_time(clockid_t id, const char *name)
{
	char text[256], *save = NULL;
	struct timespec now = { 0, 0 };
	int64_t seconds, nanoseconds;

	clock_gettime(id, &now);
	if (file_read(AT_FDCWD, "/proc/self/timens_offsets", text, sizeof(text)) < 0)
		return now;
	for (char *word = strtok_r(text, " \n", &save); word != NULL;
	     word = strtok_r(NULL, " \n", &save)) {
		if (strcmp(word, name) != 0)
			continue;
		word = strtok_r(NULL, " \n", &save);
		if (word == NULL || !num_parse_seconds(word, &seconds))
			continue;
		word = strtok_r(NULL, " \n", &save);
		if (word == NULL || !num_parse_seconds(word, &nanoseconds))
			continue;
		now.tv_sec -= seconds + (now.tv_nsec < nanoseconds);
		now.tv_nsec += (now.tv_nsec < nanoseconds ? NANOSECONDS : 0) - nanoseconds;
	}
	return now;
}

static int refuse(const struct opt_clock *asked, int64_t base, const char *option,
		  struct failure *f)
{
	const char *noun = asked->starts_at ? "time" : "offset";

	failure_option(f, option, "%s out of range: '%s'", noun, asked->text);
	failure_hint(f,
		     "the clock can be neither negative nor past 146 years; "
		     "the %s may be %" PRId64 " to %" PRId64 " seconds",
		     noun, -base, CLOCK_MAX - base);
	return -1;
}

int timens_resolve(struct timens_clock *clock, clockid_t id, const char *option, struct failure *f)
{
	const struct opt_clock *asked = &clock->asked;
	struct timespec host;
	int64_t base;

	if (!asked->given)
		return 0;
	host = host_time(id, id == CLOCK_BOOTTIME ? "boottime" : "monotonic");
	base = asked->starts_at ? 0 : host.tv_sec;
	if (asked->seconds < -base || asked->seconds > CLOCK_MAX - base)
		return refuse(asked, base, option, f);
	clock->seconds = asked->seconds;
	if (!asked->starts_at)
		return 0;
	/* A negative offset has its nanoseconds added, as every struct timespec. */
	clock->seconds -= host.tv_sec + (host.tv_nsec > 0);
	clock->nanoseconds = host.tv_nsec > 0 ? NANOSECONDS - host.tv_nsec : 0;
	return 0;
}

int timens_write(const struct timens_clock *clock, const char *name, int proc, const char *label,
		 struct failure *f)
{
	char text[64], path[64];

	if (!clock->asked.given)
		return 0;
	snprintf(text, sizeof(text), "%s %" PRId64 " %ld", name, clock->seconds,
		 clock->nanoseconds);
	snprintf(path, sizeof(path), "%s/timens_offsets", label);
	if (file_write(proc, "timens_offsets", path, text) == 0)
		return 0;
	return failure_errno(f, "write", path);
}
