/*
 * procfs.c - what /proc/PID says of one process
 *
 * SPDX-License-Identifier: MIT
 */
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "num.h"

int procfs_open(int proc, pid_t pid)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", pid);
	return openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static FILE *open_stream(int dir, const char *name)
{
	autofd fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	FILE *file = fd >= 0 ? fdopen(fd, "re") : NULL;

	if (file != NULL)
		take_fd(&fd);
	return file;
}

/*
 * The options of the last mount on /proc, which covers those before it; they are words
 * since 5.8.  With hidepid=1 ("noaccess") processes are there, and may not be read.
 */
bool procfs_hides(int proc)
{
	autofile *file = open_stream(proc, "self/mountinfo");
	autofree char *line = NULL;
	size_t size = 0;
	bool hides = false;

	while (file != NULL && getline(&line, &size, file) >= 0) {
		if (strstr(line, " /proc ") == NULL || strstr(line, " - proc ") == NULL)
			continue;
		hides = strstr(line, "hidepid=invisible") != NULL ||
			strstr(line, "hidepid=ptraceable") != NULL ||
			strstr(line, "hidepid=2") != NULL || strstr(line, "hidepid=4") != NULL;
	}
	return hides;
}

bool procfs_parse_number(const char *name, int *number)
{
	uint64_t n;

	if (name[0] < '0' || name[0] > '9' || !num_parse(name, INT_MAX, &n))
		return false;
	*number = (int)n;
	return true;
}

bool procfs_parse_link(const char *text, const struct nstype **type, ino_t *inode)
{
	size_t name = strcspn(text, ":"), length = strlen(text);
	char digits[24];
	uint64_t n;

	if (text[name] != ':' || text[name + 1] != '[' || text[length - 1] != ']' ||
	    length < name + 3 || length - name - 3 >= sizeof(digits))
		return false;
	memcpy(digits, text + name + 2, length - name - 3);
	digits[length - name - 3] = '\0';
	*type = nstype_by_name(text, name);
	if (*type == NULL || !num_parse(digits, UINT64_MAX, &n))
		return false;
	*inode = n;
	return true;
}

int procfs_read_link(int dir, const char *name, const struct nstype **type, ino_t *inode)
{
	char text[64];
	ssize_t n = readlinkat(dir, name, text, sizeof(text) - 1);

	if (n < 0)
		return -1;
	text[n] = '\0';
	if (procfs_parse_link(text, type, inode))
		return 0;
	errno = EINVAL;
	return -1;
}

/* Up to size - 1 bytes of dir/name; the rest is left.  Returns their number or -1. */
static ssize_t read_head(int dir, const char *name, char *buf, size_t size)
{
	autofd fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	do
		n = read(fd, buf, size - 1);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

/* The number at *text, which then is after it and the blanks that follow. */
static bool take_number(const char **text, uint64_t max, uint64_t *number)
{
	size_t digits = strspn(*text, "0123456789");
	char copy[24];

	if (digits == 0 || digits >= sizeof(copy))
		return false;
	memcpy(copy, *text, digits);
	copy[digits] = '\0';
	*text += digits + strspn(*text + digits, " \t");
	return num_parse(copy, max, number);
}

/* Field 2 is the name of the program, which may hold anything, ")" included. */
int procfs_read_stat(int dir, struct procfs_stat *stat)
{
	enum { STATE = 3, PPID = 4, START = 22 };
	char text[1024];
	const char *at;
	uint64_t ppid;

	if (read_head(dir, "stat", text, sizeof(text)) < 0)
		return -1;
	errno = EINVAL;
	at = strrchr(text, ')');
	if (at == NULL || strlen(at) < 5)
		return -1;
	stat->state = at[2];
	at += 4;
	if (!take_number(&at, INT_MAX, &ppid))
		return -1;
	stat->ppid = (pid_t)ppid;
	for (int field = PPID + 1; field < START; field++) {
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return take_number(&at, UINT64_MAX, &stat->start) ? 0 : -1;
}

/* The numbers of a line "NAME:\t..."; returns how many there are, 0 for another line. */
static size_t line_numbers(const char *line, const char *name, uint64_t max, size_t most,
			   uint32_t *numbers)
{
	size_t length = strlen(name), count = 0;
	uint64_t n;

	if (strncmp(line, name, length) != 0)
		return 0;
	line += length + strspn(line + length, "\t ");
	while (count < most && take_number(&line, max, &n))
		numbers[count++] = (uint32_t)n;
	return count;
}

static size_t line_pids(const char *line, const char *name, pid_t *pids)
{
	uint32_t numbers[PROCFS_LEVELS];
	size_t count = line_numbers(line, name, INT_MAX, PROCFS_LEVELS, numbers);

	for (size_t i = 0; i < count; i++)
		pids[i] = (pid_t)numbers[i];
	return count;
}

/* Line by line to the end: the list of groups alone may have 650 KB. */
int procfs_read_status(int dir, struct procfs_status *status)
{
	autofile *file = open_stream(dir, "status");
	autofree char *line = NULL;
	uint32_t ppid = 0, uid[3] = { 0 }, gid[3] = { 0 };
	size_t found = 0;
	size_t size = 0;

	*status = (struct procfs_status){ 0 };
	if (file == NULL)
		return -1;
	while (getline(&line, &size, file) >= 0) {
		found += line_numbers(line, "PPid:", INT_MAX, 1, &ppid);
		found += line_numbers(line, "Uid:", UINT32_MAX, 3, uid);
		found += line_numbers(line, "Gid:", UINT32_MAX, 3, gid);
		status->levels += line_pids(line, "NSpid:", status->pid);
		line_pids(line, "NStgid:", status->tgid);
		line_pids(line, "NSpgid:", status->pgid);
		line_pids(line, "NSsid:", status->sid);
		if (strncmp(line, "CapPrm:\t", strlen("CapPrm:\t")) == 0)
			status->permitted = num_read_set(line + strlen("CapPrm:\t"));
	}
	if (ferror(file))
		return -1;
	status->ppid = (pid_t)ppid;
	status->real_uid = uid[0];
	status->uid = uid[1];
	status->saved_uid = uid[2];
	status->real_gid = gid[0];
	status->gid = gid[1];
	status->saved_gid = gid[2];
	errno = EINVAL;
	return found == 1 + 3 + 3 ? 0 : -1;
}

/* "self" leads to the caller's PID as this proc has it, or where it has none to nothing. */
int procfs_find_self(int proc, pid_t *self)
{
	autofd dir = -1;
	struct procfs_status status;
	char name[16];
	ssize_t n = readlinkat(proc, "self", name, sizeof(name) - 1);

	*self = 0;
	if (n < 0)
		return errno == ENOENT ? 0 : -1;
	name[n] = '\0';
	if (!procfs_parse_number(name, self))
		return 0;
	dir = procfs_open(proc, *self);
	if (dir < 0 || procfs_read_status(dir, &status) != 0)
		return -1;
	return status.levels == 1;
}

/* The length of text without the beginning of a UTF-8 character that was cut off at its end. */
static size_t whole_length(const char *text, size_t length)
{
	size_t back = 1;
	unsigned char lead;

	while (back < 4 && back < length && ((unsigned char)text[length - back] & 0xC0) == 0x80)
		back++;
	if (back > length)
		return length;
	lead = (unsigned char)text[length - back];
	return (lead >= 0xF0 && back < 4) || (lead >= 0xE0 && back < 3) ||
			       (lead >= 0xC0 && back < 2)
		       ? length - back
		       : length;
}

int procfs_read_command(int dir, char *buf, size_t size)
{
	ssize_t n = read_head(dir, "cmdline", buf, size);

	if (n == (ssize_t)size - 1) {
		n = (ssize_t)whole_length(buf, (size_t)n);
		buf[n] = '\0';
	}
	while (n > 0 && buf[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] == '\0')
			buf[i] = ' ';
	if (n > 0)
		return 0;
	n = read_head(dir, "comm", buf, size);
	if (n > 0 && buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	return n < 0 ? -1 : 0;
}

int procfs_read_cgroup(int dir, char *buf, size_t size)
{
	char text[16384], *found = NULL, *end = NULL;

	if (read_head(dir, "cgroup", text, sizeof(text)) < 0)
		return -1;
	for (char *line = strtok_r(text, "\n", &end); line != NULL;
	     line = strtok_r(NULL, "\n", &end)) {
		char *path = strchr(line, ':');

		path = path != NULL ? strchr(path + 1, ':') : NULL;
		if (path != NULL && (found == NULL || strncmp(line, "0::", 3) == 0))
			found = path + 1;
	}
	snprintf(buf, size, "%s", found != NULL ? found : "");
	return 0;
}

int procfs_read_map(int dir, const char *name, char *buf, size_t size)
{
	char text[KERNEL_IDMAP_BYTES * 4];
	const char *at = text;
	uint64_t inner, outer, count;
	size_t used = 0;

	if (file_read(dir, name, text, sizeof(text)) < 0)
		return -1;
	buf[0] = '\0';
	for (at += strspn(at, " \n");
	     used < size && take_number(&at, UINT32_MAX, &inner) &&
	     take_number(&at, UINT32_MAX, &outer) && take_number(&at, UINT32_MAX, &count);
	     at += strspn(at, " \n"))
		used += (size_t)snprintf(buf + used, size - used, "%s%u:%u:%u", used > 0 ? "," : "",
					 (unsigned)inner, (unsigned)outer, (unsigned)count);
	return 0;
}

/* Blank, tab, newline and backslash stand there as \ooo (proc_pid_mountinfo(5)). */
static void decode_octal(char *text)
{
	char *to = text;

	for (const char *from = text; *from != '\0'; to++) {
		bool escaped = from[0] == '\\' && from[1] >= '0' && from[1] <= '3' &&
			       from[2] >= '0' && from[2] <= '7' && from[3] >= '0' && from[3] <= '7';

		*to = (char)(escaped ? (from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0')
				     : *from);
		from += escaped ? 4 : 1;
	}
	*to = '\0';
}

/* ID PARENT MAJOR:MINOR ROOT MOUNT-POINT OPTIONS [TAG...] - TYPE SOURCE OPTIONS */
static bool parse_nsfs(char *line, struct procfs_nsfs *mount)
{
	enum { ROOT = 3, MOUNT_POINT = 4 };
	char *field[MOUNT_POINT + 1], *end = NULL;

	if (strstr(line, " - nsfs ") == NULL)
		return false;
	for (int i = 0; i <= MOUNT_POINT; i++) {
		field[i] = strtok_r(i == 0 ? line : NULL, " ", &end);
		if (field[i] == NULL)
			return false;
	}
	decode_octal(field[MOUNT_POINT]);
	mount->mount_point = field[MOUNT_POINT];
	return procfs_parse_link(field[ROOT], &mount->type, &mount->inode);
}

int procfs_find_nsfs(int dir, void (*found)(void *context, const struct procfs_nsfs *mount),
		     void *context)
{
	autofile *file = open_stream(dir, "mountinfo");
	autofree char *line = NULL;
	struct procfs_nsfs mount;
	size_t size = 0;

	if (file == NULL)
		return -1;
	while (getline(&line, &size, file) >= 0)
		if (parse_nsfs(line, &mount))
			found(context, &mount);
	return ferror(file) ? -1 : 0;
}

int64_t procfs_boot_time(int proc)
{
	autofile *file = open_stream(proc, "stat");
	autofree char *line = NULL;
	uint64_t seconds = 0;
	size_t size = 0;

	if (file == NULL)
		return 0;
	while (getline(&line, &size, file) >= 0) {
		const char *at = line + 6;

		if (strncmp(line, "btime ", 6) == 0 && take_number(&at, INT64_MAX, &seconds))
			break;
	}
	return (int64_t)seconds;
}
