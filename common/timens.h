/*
 * timens.h - the clocks of a new time namespace (time_namespaces(7), 5.6)
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 */
#ifndef TIMENS_H
#define TIMENS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "message.h"

struct timens_clock {
	bool given;
	int64_t offset; /* seconds, added to the clock of the initial namespace */
};

/*
 * Is the offset one that the kernel takes: the clock (CLOCK_MONOTONIC or
 * CLOCK_BOOTTIME) neither negative nor past half of ktime's range?  option is
 * named in the refusal.  Returns 0, or -1 with *f.
 */
int timens_check(const struct timens_clock *clock, clockid_t id, const char *option,
		 struct failure *f);

/*
 * Writes the offset for the clock named ("monotonic", "boottime") to the file
 * timens_offsets of the directory proc, a /proc/PID that label names.  Only before
 * a process is in the namespace.  Returns 0, or -1 with *f.
 */
int timens_write(const struct timens_clock *clock, const char *name, int proc, const char *label,
		 struct failure *f);

#endif
