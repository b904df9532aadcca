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

/* What makes programs run other code than their own: of the loader, libc, shells, languages. */
static const char steering[] =
	"BASH_ BASHOPTS= CDPATH= DYLD_ EDITOR= ENV= FCEDIT= GCONV_PATH= GIO_ GIT_ GLIBC_TUNABLES= "
	"GLOBIGNORE= GTK_ HOSTALIASES= IFS= INPUTRC= JAVA_ JDK_JAVA_OPTIONS= LD_ LESS LOCALDOMAIN= "
	"LOCPATH= MALLOC_ NLSPATH= NODE_ OPENSSL_ PAGER= PERL PROMPT_COMMAND= PS0= PS1= PS2= PS3= "
	"PS4= PYTHON QT_ RESOLV_HOST_CONF= RES_ RUBY SHELLOPTS= TERMCAP= TERMINFO TZDIR= VISUAL= "
	"ZDOTDIR= _JAVA_";

/* Does its name begin with one of these, or, with the "=", is it one? */
static bool steers(const char *variable)
{
	const char *word = steering;

	while (*word != '\0') {
		size_t length = strcspn(word, " ");

		if (strncmp(variable, word, length) == 0)
			return true;
		word += length + (word[length] == ' ');
	}
	return false;
}

/* What is the command's own in any case, and no loss. */
static bool is_personal(const char *variable)
{
	return is_listed(variable, "PATH,HOME,SHELL,USER,LOGNAME");
}

static int make_personal(const struct user *user, const char *path, struct failure *f)
{
	if ((path == NULL || setenv("PATH", path, 1) == 0) && setenv("HOME", user->home, 1) == 0 &&
	    setenv("SHELL", user->shell, 1) == 0 && setenv("USER", user->name, 1) == 0)
		return 0;
	return failure_errno(f, "take the environment", NULL);
}

int environment_take(char *block, size_t bytes, const struct user *user, struct failure *f)
{
	const char *path = getenv("PATH");
	char **variables, *at = block, *end = block + bytes;
	size_t count = 1, kept = 0;
	int left_out = 0;

	for (const char *c = block; c < end; c++)
		count += *c == '\0';
	variables = calloc(count, sizeof(*variables));
	if (variables == NULL)
		return failure_errno(f, "take the environment", NULL);
	for (; at < end && memchr(at, '\0', (size_t)(end - at)) != NULL; at += strlen(at) + 1) {
		if (strchr(at, '=') == NULL || (user != NULL && is_personal(at)))
			continue;
		if (user != NULL && steers(at))
			left_out++;
		else
			variables[kept++] = at;
	}
	environ = variables;
	return user == NULL || make_personal(user, path, f) == 0 ? left_out : -1;
}
