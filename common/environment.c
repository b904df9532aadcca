/*
 * environment.c - the environment that the command gets
 *
 * SPDX-License-Identifier: MIT
 */
#include "environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* login.defs(5): ENV_SUPATH and ENV_PATH. */
#define PRIVILEGED_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define ORDINARY_PATH   "/usr/local/bin:/usr/bin:/bin"

/* Is the variable of "NAME=value" one of the list? */
static bool is_listed(const char *variable, const char *list)
{
	size_t length = strcspn(variable, "=");

	while (*list != '\0') {
		size_t name = strcspn(list, ",");

		if (name == length && strncmp(variable, list, length) == 0)
			return true;
		list += name + (list[name] == ',');
	}
	return false;
}

/* Is the variable in one of the lists? */
static bool is_kept(const char *variable, const char *const lists[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_listed(variable, lists[i]))
			return true;
	return false;
}

void environment_keep_only(const char *const lists[], size_t count)
{
	char **kept = environ;

	for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
		if (is_kept(*variable, lists, count))
			*kept++ = *variable;
	if (kept != NULL)
		*kept = NULL;
}

int environment_clean(const struct user *user, const char *const lists[], size_t count,
		      struct failure *f)
{
	const char *const variables[][2] = {
		{ "TERM", getenv("TERM") },
		{ "PATH", user->uid == 0 ? PRIVILEGED_PATH : ORDINARY_PATH },
		{ "HOME", user->home },
		{ "SHELL", user->shell },
		{ "USER", user->name },
	};

	environment_keep_only(lists, count);
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if (variables[i][1] != NULL && setenv(variables[i][0], variables[i][1], 0) != 0)
			return failure_errno(f, "set the variable", variables[i][0]);
	return 0;
}
