/*
 * container.c - containers, known by the control groups that their engines make
 *
 * SPDX-License-Identifier: MIT
 */
#include "container.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "num.h"

static const char hexadecimal[] = "0123456789abcdef";

/* The ID in the path of a control group, the innermost; false: there is none. */
static bool find_id(const char *path, char id[CONTAINER_ID_DIGITS + 1])
{
	bool found = false;

	while (*path != '\0') {
		size_t digits = strspn(path, hexadecimal);

		if (digits == CONTAINER_ID_DIGITS) {
			memcpy(id, path, CONTAINER_ID_DIGITS);
			id[CONTAINER_ID_DIGITS] = '\0';
			found = true;
		}
		path += digits > 0 ? digits : 1;
	}
	return found;
}

/* Is there such a control group of a trusted owner?  `controllers`: field 2 of its line. */
static bool is_trusted(const char *controllers, const char *path)
{
	char dir[PATH_MAX];
	const char *name = strncmp(controllers, "name=", 5) == 0 ? controllers + 5 : controllers;
	const char *const below[] = { "", "/unified", "/" };
	struct stat st;

	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(dir, sizeof(dir), "/sys/fs/cgroup%s%s%s", below[i],
			 below[i][0] == '/' && below[i][1] == '\0' ? name : "", path);
		if (stat(dir, &st) == 0)
			return st.st_uid == 0 || st.st_uid == geteuid();
	}
	return false;
}

/* The container that the process is in, by any line of its file "cgroup" that can be trusted. */
static bool find_id_of(int dir, const char *file, char id[CONTAINER_ID_DIGITS + 1])
{
	char text[16384], *save = NULL;

	if (file_read(dir, file, text, sizeof(text)) < 0)
		return false;
	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		char *controllers = strchr(line, ':');
		char *cgroup = controllers != NULL ? strchr(++controllers, ':') : NULL;

		if (cgroup == NULL)
			continue;
		*cgroup++ = '\0';
		if (find_id(cgroup, id) && is_trusted(controllers, cgroup))
			return true;
	}
	return false;
}

bool container_find_id(int proc, char id[CONTAINER_ID_DIGITS + 1])
{
	return find_id_of(proc, "cgroup", id);
}

bool container_holds(const char *digits, int proc)
{
	char id[CONTAINER_ID_DIGITS + 1];

	return container_find_id(proc, id) && strncmp(id, digits, strlen(digits)) == 0;
}

static int refuse_two(const char *digits, const char *one, const char *other, struct failure *f)
{
	return failure_reason(f, "find container", digits, "two begin so: %s and %s", one, other);
}

int container_find_process(const char *digits, pid_t *pid, struct failure *f)
{
	char found[CONTAINER_ID_DIGITS + 1] = "", id[CONTAINER_ID_DIGITS + 1];
	size_t length = strlen(digits);
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int result = 0;
	uint64_t n;

	if (proc == NULL)
		return failure_errno(f, "read", "/proc");
	while (result == 0 && (entry = readdir(proc)) != NULL) {
		char file[64];

		snprintf(file, sizeof(file), "%.20s/cgroup", entry->d_name);
		if (!num_parse(entry->d_name, INT_MAX, &n) || !find_id_of(dirfd(proc), file, id) ||
		    strncmp(id, digits, length) != 0)
			continue;
		if (found[0] == '\0') {
			memcpy(found, id, sizeof(found));
			*pid = (pid_t)n;
		} else if (strcmp(found, id) != 0) {
			result = refuse_two(digits, found, id, f);
		}
	}
	closedir(proc);
	if (result == 0 && found[0] == '\0')
		return failure_reason(f, "find container", digits,
				      "no process is in a control group of that name that root or "
				      "you own");
	return result;
}
