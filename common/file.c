/*
 * file.c - small files read or written whole, as those of /proc want it
 *
 * SPDX-License-Identifier: MIT
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "trace.h"

int file_write(int dirfd, const char *name, const char *label, const char *text)
{
	size_t length = strlen(text);
	ssize_t written;
	autofd fd = -1;

	if (!trace_call("write(\"%s\", \"%s\")", label, text))
		return 0;
	fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return (int)trace_result(-1);
	do
		written = write(fd, text, length);
	while (written < 0 && errno == EINTR);
	trace_result(written);
	if (written < 0)
		return -1;
	if ((size_t)written != length) {
		errno = EIO;
		return -1;
	}
	return 0;
}

/* Where a FIFO is in a file's place, it is an empty file: nobody need ever open the other end. */
ssize_t file_read(int dirfd, const char *name, char *buf, size_t size)
{
	autofd fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t used = 0;

	if (fd < 0)
		return -1;
	for (;;) {
		ssize_t n = read(fd, buf + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		used += (size_t)n;
		if (used == size) {
			errno = EFBIG;
			return -1;
		}
	}
	buf[used] = '\0';
	return (ssize_t)used;
}

bool file_can_create(const char *path)
{
	autofree char *copy = strdup(path);

	return path[0] != '\0' && access(path, F_OK) != 0 && errno == ENOENT && copy != NULL &&
	       access(dirname(copy), W_OK) == 0;
}

bool file_is_same(int fd, int other)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

const char *file_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int file_open_directory_of(const char *path)
{
	autofree char *copy = strdup(path);

	return copy == NULL ? -1 : open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void file_fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_CLOEXEC) < 0)
			open("/", O_PATH | O_CLOEXEC);
}

/* What the caller left open survived the exec that we began with: close-on-exec is ours. */
bool file_was_closed(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags < 0 || (flags & FD_CLOEXEC) != 0;
}
