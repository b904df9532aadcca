/*
 * uts.h - the names of a UTS namespace (uts_namespaces(7))
 *
 * SPDX-License-Identifier: MIT
 * layer 3
 */
#ifndef UTS_H
#define UTS_H

#include "message.h"

/* One of the two names, and what differs between them. */
struct uts_name {
	const char *verb; /* for messages: "set the host name" */
	const char *call; /* "sethostname" */
	int (*set)(const char *name, size_t length);
};

extern const struct uts_name uts_host, uts_domain;

/*
 * Is text a name that can be shown and typed: 1 to 64 bytes (uname(2)) of UTF-8, no white
 * space, no control characters, nothing that is not seen?  The kernel takes any bytes.
 * option names where it came from; NULL: it is an operand.  Returns 0, or -1 with *f.
 */
int uts_check(const struct uts_name *name, const char *option, const char *text, struct failure *f);

/* Sets the name of our own UTS namespace.  Returns 0, or -1 with *f. */
int uts_set(const struct uts_name *name, const char *text, struct failure *f);

#endif
