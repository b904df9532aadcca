/*
 * timens.h - the clocks of a new time namespace (time_namespaces(7), 5.6)
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 */
#ifndef TIMENS_H
#define TIMENS_H

#include <stdint.h>
#include <time.h>

#include "message.h"
#include "opts.h"

struct timens_clock {
	struct opt_clock asked;
	/* By timens_resolve(): what is added to the clock of the initial namespace. */
	int64_t seconds;
	long nanoseconds;
};

/*
 * Makes an offset for the clock (CLOCK_MONOTONIC or CLOCK_BOOTTIME) of what was asked
 * for, and refuses one that the kernel does not take: the clock would be negative or
 * past half of ktime's range.  option is named in the refusal.  Returns 0, or -1 with
 * *f.
 */
int timens_resolve(struct timens_clock *clock, clockid_t id, const char *option, struct failure *f);

/*
 * Writes the offset for the clock named ("monotonic", "boottime") to the file
 * timens_offsets of the directory proc, a /proc/PID that label names.  Only before
 * a process is in the namespace.  Returns 0, or -1 with *f.
 */
int timens_write(const struct timens_clock *clock, const char *name, int proc, const char *label,
		 struct failure *f);

#endif
