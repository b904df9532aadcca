/*
 * users.c - a user's entry in the user database (passwd(5))
 *
 * SPDX-License-Identifier: MIT
 */
#include "users.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "kernel.h"
#include "message.h"

/* Copies what fits and can be shown; else out stays as it is. */
static void copy(const char *text, char *out, size_t size)
{
	char escaped[PATH_MAX];

	if (text == NULL || text[0] == '\0' || strlen(text) >= size)
		return;
	message_escape(text, escaped, sizeof(escaped));
	if (strcmp(text, escaped) == 0)
		snprintf(out, size, "%s", text);
}

static void copy_path(const char *text, char *out, size_t size)
{
	if (text != NULL && text[0] == '/')
		copy(text, out, size);
}

/* The root's own /etc/passwd: no link leads out of it, and no device or FIFO is opened. */
static FILE *open_passwd(const char *root)
{
	autofd dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd found = kernel_open_path(dir, "etc/passwd", 0, KERNEL_RESOLVE_IN_ROOT);
	char path[40];
	struct stat st;

	if (found < 0 || fstat(found, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", found);
	return fopen(path, "re");
}

/* A line of "+" or "-" stands for others (nsswitch.conf(5), compat), and for no user. */
static const struct passwd *find_below(FILE *file, uid_t uid)
{
	const struct passwd *entry;

	while ((entry = fgetpwent(file)) != NULL &&
	       (entry->pw_uid != uid || entry->pw_name[0] == '+' || entry->pw_name[0] == '-'))
		;
	return entry;
}

void users_find(const char *root, uid_t uid, struct user *user)
{
	autofile *file = root != NULL ? open_passwd(root) : NULL;
	const struct passwd *entry = NULL;

	user->uid = uid;
	snprintf(user->name, sizeof(user->name), uid == 0 ? "root" : "%u", (unsigned)uid);
	snprintf(user->home, sizeof(user->home), "%s", uid == 0 ? "/root" : "/");
	snprintf(user->shell, sizeof(user->shell), "/bin/sh");
	if (root == NULL)
		entry = getpwuid(uid);
	else if (file != NULL)
		entry = find_below(file, uid);
	if (entry == NULL)
		return;
	copy(entry->pw_name, user->name, sizeof(user->name));
	copy_path(entry->pw_dir, user->home, sizeof(user->home));
	copy_path(entry->pw_shell, user->shell, sizeof(user->shell));
}
