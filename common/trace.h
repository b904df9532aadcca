/*
 * trace.h - narration: each kernel operation as it is done (-v), or would be (--dry-run)
 *
 * SPDX-License-Identifier: MIT
 * layer 2
 *
 * A changing call has one place, which prints it and makes it:
 *
 *	if (!trace_call("unshare(%s)", flags_text))
 *		return 0;			(a dry run: printed, not made)
 *	return trace_result(unshare(flags));
 *
 * One line a call on standard error, in one write, "+ unshare(CLONE_NEWUTS) = 0";
 * "+ child: ..." where another process than the tool itself does it.  A dry run
 * prints the same lines without " = result".
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>

enum trace_mode {
	TRACE_OFF,
	TRACE_VERBOSE = 1,
	TRACE_DRY_RUN = 2,
};

/* The trace level of this process; read it, set it by trace_start(). */
extern enum trace_mode trace_mode;

/* A dry run narrates, too. */
void trace_start(bool verbose, bool dry_run);

static inline bool trace_is_dry_run(void)
{
	return trace_mode == TRACE_DRY_RUN;
}

/*
 * Names the process that acts from here on: "child", "outside", or NULL for the tool itself.
 * Returns the name that it had before.
 */
const char *trace_role(const char *name);

/* Narrates on a copy of standard error from here on: the command is given another one. */
void trace_keep_output(void);

/*
 * Begins the line of a call; false: do not make it (a dry run, the line is out).
 * Costs a comparison when nothing is narrated.
 */
#define trace_call(...) (trace_mode == TRACE_OFF || trace_begin(__VA_ARGS__))

/*
 * Ends the line with the call's result, or with -1 and errno's name; returns
 * result and keeps errno.
 */
long trace_result(long result);

/* A call that does not return when it succeeds, execve: the whole line, before the call. */
#define trace_last_call(...)                     \
	do {                                     \
		if (trace_mode != TRACE_OFF)     \
			trace_line(__VA_ARGS__); \
	} while (0)

/* A number that does not exist yet in a dry run: decimal, or `name` ("CHILD", "FD"). */
const char *trace_number(long number, const char *name);

bool trace_begin(const char *format, ...) __attribute__((format(printf, 1, 2)));
void trace_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
