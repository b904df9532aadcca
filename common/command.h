/*
 * command.h - find the command and become it, or say why not
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 *
 * As execvp(3), but that a file which exists never counts as not found: a missing
 * interpreter is named.  127 (EXIT_NOT_FOUND) is for a command that is not there,
 * 126 (EXIT_CANNOT_RUN) for one that is.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "message.h"

/* What is left when no other shell can be run. */
#define COMMAND_DEFAULT_SHELL "/bin/sh"

struct command {
	char *const *argv;
	char path[PATH_MAX];           /* where it was found */
	const char *passed_over;       /* the caller's shell, where /bin/sh stands in for it */
	char login_name[NAME_MAX + 2]; /* "-bash" */
	char *login_argv[2];
};

/* The caller's shell: $SHELL, else that of the user database, else /bin/sh.  Never NULL. */
const char *command_shell(void);

/*
 * Looks for argv[0], in PATH if it has no slash; without a command (argv[0] NULL)
 * for the first of shells (NULL: none), up to NULL, that can be run, and at last for /bin/sh.  root: -1, or for a dry run
 * the descriptor of the directory that will be the root.  Returns 0, or -1 with *f
 * and its status.
 */
int command_find(struct command *command, char *const argv[], const char *const *shells, int root,
		 struct failure *f);

/*
 * Does executing path execute the program `own`: as itself, as an interpreter (or its interpreter), or as the shell that a file without
 * any is given to?  unknown: the answer where that cannot be read.
 */
bool command_leads_to(const char *path, const struct stat *own, bool unknown);

/* Becomes the command.  Returns -1 with *f and its status; 0 in a dry run. */
int command_exec(const struct command *command, struct failure *f);

#endif
