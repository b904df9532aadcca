/*
 * message.h - what went wrong, and the five shapes in which a tool says so
 *
 * SPDX-License-Identifier: MIT
 * layer 1
 *
 *	TOOL: cannot VERB 'OBJECT': reason
 *	TOOL: option '--x': reason
 *	TOOL: hint: cause; fix
 *	TOOL: warning: ...
 *	TOOL: note: ...
 *
 * on standard error, each line in one write, with control characters escaped.
 * Modules fill a struct failure and return; cmd/ prints it.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

/* Plain data without pointers: a child hands it to its parent through a pipe. */
struct failure {
	int error;       /* errno, or 0 where the reason says it all */
	int status;      /* what the tool exits with */
	bool has_object; /* else the verb stands alone */
	char verb[96];   /* "mount proc on"; empty: the object is an option */
	char object[512];
	char reason[384]; /* empty: strerror(error) */
	char hint[512];   /* empty: none was found to be true */
};

/*
 * "cannot VERB 'OBJECT': strerror(errno)", EXIT_OWN.  object may be NULL.
 * Returns -1 and keeps errno, so that callers can return it.
 */
int failure_errno(struct failure *f, const char *verb, const char *object);

/* The same with a reason of its own; errno is taken for f->error only. */
int failure_reason(struct failure *f, const char *verb, const char *object, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* "option '--NAME': reason", EXIT_OWN.  Returns -1. */
int failure_option(struct failure *f, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds "hint: cause; fix", of a cause that was probed and found true. */
void failure_hint(struct failure *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The failure as one line, without the tool's name and the hint. */
void failure_text(const struct failure *f, char *out, size_t size);

/* Prints the failure and its hint; returns its exit status. */
int message_failure(const struct failure *f);

void message_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void message_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Length of the printable UTF-8 character at text (RFC 3629); 0 for a control character,
 * those that reorder text included, for what is no UTF-8, and at the end.
 */
size_t message_printable_length(const char *text);

/*
 * Copies text into out (size bytes, always terminated), with each byte that is
 * not printable UTF-8, C1 and bidirectional controls included, as \xNN.  What
 * does not fit is cut at a whole character.  Returns the bytes written.
 */
size_t message_escape(const char *text, char *out, size_t size);

#endif
