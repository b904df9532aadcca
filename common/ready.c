/*
 * ready.c - telling others that the namespaces are ready, and whose they are
 *
 * SPDX-License-Identifier: MIT
 */
#include "ready.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "nstype.h"

/* All of text, or -1 with errno. */
static int write_all(int fd, const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			poll(&p, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			return -1;
		}
		text += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int ready_write_namespaces(int fd, int self, pid_t pid, pid_t inner_pid, struct failure *f)
{
	char line[512];
	size_t used = (size_t)snprintf(line, sizeof(line), "{\"pid\":%d,\"inner_pid\":%d,\"ns\":{",
				       (int)pid, (int)inner_pid);
	const char *comma = "";

	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		struct stat st;

		bool found = fstatat(self, nstypes[i].new_link, &st, 0) == 0;

		if (!found && errno == ENOENT)
			continue; /* the kernel has no such type */
		if (!found)
			return failure_errno(f, "look at /proc/self", nstypes[i].new_link);
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s\"%s\":%llu", comma,
					 nstypes[i].name, (unsigned long long)st.st_ino);
		comma = ",";
	}
	snprintf(line + used, sizeof(line) - used, "}}\n");
	return write_all(fd, line) == 0 ? 0
					: failure_errno(f, "write to the ready descriptor", NULL);
}

/* JSON (RFC 8259, section 7): what message_escape() leaves has no control characters. */
static void quote(const char *text, char *out, size_t size)
{
	size_t used = 0;

	for (; *text != '\0' && used + 3 < size; text++) {
		if (*text == '"' || *text == '\\')
			out[used++] = '\\';
		out[used++] = *text;
	}
	out[used] = '\0';
}

void ready_write_end(int fd, const struct failure *failed)
{
	char text[1100], plain[2200], quoted[4400], line[4500];

	if (failed == NULL) {
		write_all(fd, "{\"exec\":true}\n");
		return;
	}
	failure_text(failed, text, sizeof(text));
	message_escape(text, plain, sizeof(plain));
	quote(plain, quoted, sizeof(quoted));
	snprintf(line, sizeof(line), "{\"error\":\"%s\"}\n", quoted);
	write_all(fd, line);
}

int ready_write_pid_file(int dir, const char *path, pid_t pid, struct failure *f)
{
	const char *name = file_base_name(path);
	char beside[PATH_MAX], text[16];
	autofd fd = -1;

	snprintf(text, sizeof(text), "%d\n", (int)pid);
	if ((size_t)snprintf(beside, sizeof(beside), "%s.%d", name, (int)getpid()) >=
	    sizeof(beside)) {
		errno = ENAMETOOLONG;
		return failure_errno(f, "write the PID to", path);
	}
	fd = openat(dir, beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0 && write_all(fd, text) == 0 && renameat(dir, beside, dir, name) == 0)
		return 0;
	failure_errno(f, "write the PID to", path);
	if (fd >= 0)
		unlinkat(dir, beside, 0);
	return -1;
}
