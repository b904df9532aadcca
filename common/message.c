/*
 * message.c - what went wrong, and the five shapes in which a tool says so
 *
 * SPDX-License-Identifier: MIT
 */
#include "message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exitcode.h"

enum { LINE_BYTES = 2048 };

/* Code points that reorder or hide text around them (Unicode TR 36). */
static bool is_bidi_control(unsigned c)
{
	return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069);
}

size_t message_printable_length(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	static const unsigned smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
	unsigned c;

	if (length == 1)
		return s[0] >= 0x20 && s[0] != 0x7F ? 1 : 0;
	if (length == 0 || s[0] > 0xF4)
		return 0;
	c = s[0] & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3Fu);
	}
	if (c < smallest[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	return c < 0xA0 || is_bidi_control(c) ? 0 : length;
}

size_t message_escape(const char *text, char *out, size_t size)
{
	const char *s = text;
	size_t used = 0;

	while (*s != '\0') {
		size_t length = message_printable_length(s);

		if (used + (length > 0 ? length : 4) >= size)
			break;
		if (length > 0)
			memcpy(out + used, s, length);
		else
			snprintf(out + used, size - used, "\\x%02x", (unsigned char)*s);
		used += length > 0 ? length : 4;
		s += length > 0 ? length : 1;
	}
	out[used] = '\0';
	return used;
}

/* One line, in one write: lines of parent and child do not mix. */
static void print_line(const char *line)
{
	char out[2 * LINE_BYTES];
	size_t length = message_escape(line, out, sizeof(out) - 1);

	out[length++] = '\n';
	while (write(STDERR_FILENO, out, length) < 0 && errno == EINTR)
		;
}

__attribute__((format(printf, 2, 0))) static void print_message(const char *kind,
								const char *format,
								va_list arguments)
{
	char line[LINE_BYTES];
	int used = snprintf(line, sizeof(line), "%.64s: %s: ", program_invocation_short_name, kind);

	vsnprintf(line + used, sizeof(line) - (size_t)used, format, arguments);
	print_line(line);
}

void message_hint(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message("hint", format, arguments);
	va_end(arguments);
}

void message_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message("warning", format, arguments);
	va_end(arguments);
}

void message_note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_message("note", format, arguments);
	va_end(arguments);
}

void failure_text(const struct failure *f, char *out, size_t size)
{
	const char *reason = f->reason[0] != '\0' ? f->reason : strerror(f->error);
	const char *quote = f->has_object ? "'" : "";

	snprintf(out, size, "%s%s%s%s%s%s: %s", f->verb[0] != '\0' ? "cannot " : "option", f->verb,
		 f->has_object ? " " : "", quote, f->object, quote, reason);
}

int message_failure(const struct failure *f)
{
	char line[LINE_BYTES];
	int used = snprintf(line, sizeof(line), "%.64s: ", program_invocation_short_name);

	failure_text(f, line + used, sizeof(line) - (size_t)used);
	print_line(line);
	if (f->hint[0] != '\0')
		message_hint("%s", f->hint);
	return f->status;
}

static void failure_start(struct failure *f, const char *verb, const char *object)
{
	*f = (struct failure){ .error = errno, .status = EXIT_OWN, .has_object = object != NULL };
	snprintf(f->verb, sizeof(f->verb), "%s", verb);
	snprintf(f->object, sizeof(f->object), "%s", object != NULL ? object : "");
}

int failure_errno(struct failure *f, const char *verb, const char *object)
{
	int saved = errno;

	failure_start(f, verb, object);
	errno = saved;
	return -1;
}

int failure_reason(struct failure *f, const char *verb, const char *object, const char *format, ...)
{
	va_list arguments;

	failure_start(f, verb, object);
	va_start(arguments, format);
	vsnprintf(f->reason, sizeof(f->reason), format, arguments);
	va_end(arguments);
	return -1;
}

int failure_option(struct failure *f, const char *name, const char *format, ...)
{
	va_list arguments;

	failure_start(f, "", name);
	va_start(arguments, format);
	vsnprintf(f->reason, sizeof(f->reason), format, arguments);
	va_end(arguments);
	return -1;
}

void failure_hint(struct failure *f, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(f->hint, sizeof(f->hint), format, arguments);
	va_end(arguments);
}
