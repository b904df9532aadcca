/*
 * trace.c - narration: each kernel operation as it is done (-v), or would be (--dry-run)
 *
 * SPDX-License-Identifier: MIT
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "message.h"

enum { CALL_BYTES = 8192 };

enum trace_mode trace_mode = TRACE_OFF;
static int output = STDERR_FILENO;
static const char *role;
static char call[CALL_BYTES]; /* the line that trace_begin() opened */

void trace_start(bool verbose, bool dry_run)
{
	trace_mode = dry_run ? TRACE_DRY_RUN : verbose ? TRACE_VERBOSE : TRACE_OFF;
}

void trace_keep_output(void)
{
	if (trace_mode != TRACE_OFF && output == STDERR_FILENO)
		output = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

const char *trace_role(const char *name)
{
	const char *before = role;

	role = name;
	return before;
}

static void print_call(const char *end)
{
	char line[CALL_BYTES + 128], out[2 * sizeof(line)];
	size_t length;

	snprintf(line, sizeof(line), "+ %s%s%s%s", role != NULL ? role : "",
		 role != NULL ? ": " : "", call, end);
	length = message_escape(line, out, sizeof(out) - 1);
	out[length++] = '\n';
	while (write(output, out, length) < 0 && errno == EINTR)
		;
}

bool trace_begin(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(call, sizeof(call), format, arguments);
	va_end(arguments);
	if (trace_is_dry_run())
		print_call("");
	return !trace_is_dry_run();
}

void trace_line(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(call, sizeof(call), format, arguments);
	va_end(arguments);
	print_call("");
}

static const char *error_name(int error)
{
#if HAVE_STRERRORNAME_NP
	const char *name = strerrorname_np(error);

	return name != NULL ? name : "errno";
#else
	(void)error;
	return "errno";
#endif
}

long trace_result(long result)
{
	int saved = errno;
	char end[128];

	if (trace_mode == TRACE_OFF)
		return result;
	if (result == -1)
		snprintf(end, sizeof(end), " = -1 %s (%s)", error_name(saved), strerror(saved));
	else
		snprintf(end, sizeof(end), " = %ld", result);
	print_call(end);
	errno = saved;
	return result;
}

const char *trace_number(long number, const char *name)
{
	static char text[24];

	if (trace_is_dry_run())
		return name;
	snprintf(text, sizeof(text), "%ld", number);
	return text;
}
