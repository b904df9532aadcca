/*
 * command.h - find the command and become it, or say why not
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 *
 * As execvp(3), but that a file which exists never counts as not found: a missing
 * interpreter is named.  127 (EXIT_NOT_FOUND) is for a command that is not there,
 * 126 (EXIT_CANNOT_RUN) for one that is.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "message.h"

/*
 * Replaces this process by argv[0], searched in PATH if it has no slash.  Returns
 * -1 with *f and its status; 0 in a dry run in which the command was found.
 */
int command_exec(char *const argv[], struct failure *f);

/* What is left when no other shell can be run. */
#define COMMAND_DEFAULT_SHELL "/bin/sh"

/* The caller's shell: $SHELL, else that of the user database, else /bin/sh.  Never NULL. */
const char *command_shell(void);

/* Becomes that shell, as a login shell.  Returns as command_exec(). */
int command_exec_shell(const char *shell, struct failure *f);

#endif
