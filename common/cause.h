/*
 * cause.h - causes of failures as data: probe, sentence and fix, a row each
 *
 * SPDX-License-Identifier: MIT
 * layer 2
 *
 * An operation that can fail for reasons its errno does not tell has a table of causes,
 * the more certain and the more particular first.
 */
#ifndef CAUSE_H
#define CAUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "message.h"

enum { CAUSE_WORDS = 3, CAUSE_WORD_BYTES = 320 };

/* Handed to the probes of one failure. */
struct cause_case {
	const void *what; /* the operation's own, or NULL */
	int error;        /* errno */
	const char *object;
	/* What a probe found, for sentence and fix, where they are $1 to $3. */
	char word[CAUSE_WORDS][CAUSE_WORD_BYTES];
};

struct cause {
	int error[3]; /* the errnos that it may have, up to 0; none: any */
	/* Is it so?  Looked for without changing anything, if need be in a child. */
	bool (*probe)(struct cause_case *c);
	const char *sentence; /* "user.$1 is 0" */
	const char *fix;      /* "raise it with 'sysctl user.$1=1000'$2" */
};

/* Adds to *f the first of these causes that is found true as its hint, or none. */
void cause_find(const struct cause *causes, size_t count, const void *what, struct failure *f);

/* Sets the words of a probe that found something; always true. */
__attribute__((format(printf, 3, 4))) bool cause_word(struct cause_case *c, int number,
						      const char *format, ...);

#define CAUSE_FIND(causes, what, f) \
	cause_find(causes, sizeof(causes) / sizeof((causes)[0]), what, f)

#endif
