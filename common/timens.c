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

/* Our own namespace's offset: what our clock shows less what the host's shows. */
static int64_t own_offset(const char *name)
{
	char text[256], *save = NULL;
	int64_t offset = 0;

	if (file_read(AT_FDCWD, "/proc/self/timens_offsets", text, sizeof(text)) < 0)
		return 0;
	for (char *word = strtok_r(text, " \n", &save); word != NULL;
	     word = strtok_r(NULL, " \n", &save))
		if (strcmp(word, name) == 0 && (word = strtok_r(NULL, " \n", &save)) != NULL &&
		    num_parse_seconds(word, &offset))
			return offset;
	return 0;
}

int timens_check(const struct timens_clock *clock, clockid_t id, const char *option,
		 struct failure *f)
{
	struct timespec now;
	int64_t host;

	if (!clock->given || clock_gettime(id, &now) != 0)
		return 0;
	host = now.tv_sec - own_offset(id == CLOCK_BOOTTIME ? "boottime" : "monotonic");
	if (clock->offset >= -host && clock->offset <= CLOCK_MAX - host)
		return 0;
	failure_option(f, option, "offset out of range: '%" PRId64 "'", clock->offset);
	failure_hint(f,
		     "the clock can be neither negative nor past 146 years; "
		     "the offset may be %" PRId64 " to %" PRId64 " seconds",
		     -host, CLOCK_MAX - host);
	return -1;
}

int timens_write(const struct timens_clock *clock, const char *name, int proc, const char *label,
		 struct failure *f)
{
	char text[64], path[64];

	if (!clock->given)
		return 0;
	snprintf(text, sizeof(text), "%s %" PRId64 " 0", name, clock->offset);
	snprintf(path, sizeof(path), "%s/timens_offsets", label);
	if (file_write(proc, "timens_offsets", path, text) == 0)
		return 0;
	return failure_errno(f, "write", path);
}
