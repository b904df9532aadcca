/*
 * users.c - a user's entry in the user database (passwd(5))
 *
 * SPDX-License-Identifier: MIT
 */
#include "users.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* More is no database of users, but somebody's way to keep us busy. */
enum { DATABASE_MOST = 1 << 20 };

/* A regular file of the root's own, to which no link leads out of it, read whole. */
static ssize_t read_below(int root, const char *name, char *text)
{
	autofd found = kernel_open_path(root, name, 0, KERNEL_RESOLVE_IN_ROOT), fd = -1;
	struct stat st;
	ssize_t n, used = 0;

	if (found < 0 || fstat(found, &st) != 0 || !S_ISREG(st.st_mode))
		return -1;
	fd = kernel_open(root, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, KERNEL_RESOLVE_IN_ROOT);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > DATABASE_MOST)
		return -1;
	while (used < DATABASE_MOST &&
	       (n = read(fd, text + used, (size_t)(DATABASE_MOST - used))) > 0)
		used += n;
	return used;
}

/* The root's file as a stream over text, which the caller frees after it is closed. */
static FILE *open_below(int root, const char *name, char **text)
{
	ssize_t length = -1;

	*text = malloc(DATABASE_MOST + 1);
	if (*text != NULL)
		length = read_below(root, name, *text);
	return length > 0 ? fmemopen(*text, (size_t)length, "r") : NULL;
}

bool users_find_uid(int root, const char *name, uid_t *uid)
{
	autofree char *text = NULL;
	autofile *file = open_below(root, "etc/passwd", &text);
	const struct passwd *entry = NULL;

	while (file != NULL && (entry = fgetpwent(file)) != NULL &&
	       strcmp(entry->pw_name, name) != 0)
		;
	if (entry != NULL)
		*uid = entry->pw_uid;
	return entry != NULL;
}

bool users_find_gid(int root, const char *name, gid_t *gid)
{
	autofree char *text = NULL;
	autofile *file = open_below(root, "etc/group", &text);
	const struct group *entry = NULL;

	while (file != NULL && (entry = fgetgrent(file)) != NULL &&
	       strcmp(entry->gr_name, name) != 0)
		;
	if (entry != NULL)
		*gid = entry->gr_gid;
	return entry != NULL;
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

void users_find(int root, uid_t uid, struct user *user)
{
	autofree char *text = NULL;
	autofile *file = root >= 0 ? open_below(root, "etc/passwd", &text) : NULL;
	const struct passwd *entry = NULL;

	user->uid = uid;
	snprintf(user->name, sizeof(user->name), uid == 0 ? "root" : "%u", (unsigned)uid);
	snprintf(user->home, sizeof(user->home), "%s", uid == 0 ? "/root" : "/");
	snprintf(user->shell, sizeof(user->shell), "/bin/sh");
	if (root < 0)
		entry = getpwuid(uid);
	else if (file != NULL)
		entry = find_below(file, uid);
	if (entry == NULL)
		return;
	copy(entry->pw_name, user->name, sizeof(user->name));
	copy_path(entry->pw_dir, user->home, sizeof(user->home));
	copy_path(entry->pw_shell, user->shell, sizeof(user->shell));
}
