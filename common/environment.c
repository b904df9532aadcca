/*
 * environment.c - the environment that the command gets
 *
 * SPDX-License-Identifier: MIT
 */
#include "environment.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

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

void environment_keep_only(const char *const lists[], size_t count)
{
	char **kept = environ;

	for (char **variable = environ; variable != NULL && *variable != NULL; variable++)
		for (size_t i = 0; i < count; i++)
			if (is_listed(*variable, lists[i])) {
				*kept++ = *variable;
				break;
			}
	if (kept != NULL)
		*kept = NULL;
}
