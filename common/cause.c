/*
 * cause.c - causes of failures as data: probe, sentence and fix, a row each
 *
 * SPDX-License-Identifier: MIT
 */
#include "cause.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool cause_word(struct cause_case *c, int number, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(c->word[number - 1], CAUSE_WORD_BYTES, format, arguments);
	va_end(arguments);
	return true;
}

/* Appends the text, with the words in their places. */
static void append(char *out, size_t size, const char *text, const struct cause_case *c)
{
	size_t used = strlen(out);

	for (; *text != '\0' && used < size; text++) {
		if (*text == '$')
			used += (size_t)snprintf(out + used, size - used, "%s",
						 c->word[*++text - '1']);
		else
			used += (size_t)snprintf(out + used, size - used, "%c", *text);
	}
}

static bool fits(const struct cause *cause, int error)
{
	if (cause->error[0] == 0)
		return true;
	for (size_t i = 0; i < sizeof(cause->error) / sizeof(cause->error[0]); i++)
		if (cause->error[i] != 0 && cause->error[i] == error)
			return true;
	return false;
}

void cause_find(const struct cause *causes, size_t count, const void *what, struct failure *f)
{
	for (size_t i = 0; i < count && f->hint[0] == '\0'; i++) {
		struct cause_case c = { .what = what, .error = f->error, .object = f->object };

		if (!fits(&causes[i], f->error) || !causes[i].probe(&c))
			continue;
		append(f->hint, sizeof(f->hint), causes[i].sentence, &c);
		append(f->hint, sizeof(f->hint), "; ", &c);
		append(f->hint, sizeof(f->hint), causes[i].fix, &c);
	}
}
