/*
 * procothers.h - who else is in a mount namespace, and would see a proc that is mounted there
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef PROCOTHERS_H
#define PROCOTHERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "message.h"
#include "procview.h"

/* A process in the same mount namespace. */
struct procothers_process {
	pid_t pid; /* in the proc that was looked through */
	bool is_outside;
	char command[24];
};

struct procothers {
	struct procothers_process *process; /* to be freed */
	size_t count, outside;
	size_t unread; /* that could be in it */
	bool is_known; /* there was a proc to look through, and it hides nobody */
};

/*
 * Looks for every other process that has a thread in this mount namespace.  It is outside,
 * if it is neither in our PID namespace nor in one below it, and is not the parent that
 * waits for the PID namespace's first process.  Returns 0, or -1 with *f.
 */
int procothers_find(const struct procview *view, struct procothers *others, struct failure *f);
void procothers_free(struct procothers *others);

/*
 * Refuses to mount where somebody outside would see it, or where a proc would be covered
 * and nobody can be looked for.  Returns 0, or -1 with *f.
 */
int procothers_refuse(const struct procview *view, struct failure *f);

#endif
