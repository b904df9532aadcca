/*
 * explainjoin.h - why a process cannot be looked at, or its namespaces not be entered
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef EXPLAINJOIN_H
#define EXPLAINJOIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"
#include "nstype.h"

/*
 * setns(2) to the namespace of this type that is open as ns failed.  As those of
 * explain.h.
 */
void explain_join(struct failure *f, const struct nstype *type, int ns);

/* The process could not be held, or its namespaces not be read. */
void explain_target(struct failure *f, pid_t pid);

#endif
