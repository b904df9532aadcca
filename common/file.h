/*
 * file.h - small files read or written whole, as those of /proc want it
 *
 * SPDX-License-Identifier: MIT
 * layer 3
 */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Writes text into dirfd/name in one write(2): a map of IDs or a setting of /proc
 * is taken whole or not at all (user_namespaces(7)).  `label` is the path that the
 * narration shows.  Returns 0, or -1 with errno; a short write is EIO.
 */
int file_write(int dirfd, const char *name, const char *label, const char *text);

/*
 * Reads dirfd/name up to size - 1 bytes and terminates them.  Returns the number
 * of bytes, or -1 with errno; EFBIG when there are more.
 */
ssize_t file_read(int dirfd, const char *name, char *buf, size_t size);

/* Is there no such file, but a directory where it could be made?  If not, errno has the reason. */
bool file_can_create(const char *path);

/* Are both descriptors of the same file: a namespace, the root of a proc? */
bool file_is_same(int fd, int other);

/* The last part of a path, which does not end in a slash. */
const char *file_base_name(const char *path);

/* Opens the directory that path is in.  Returns an O_PATH descriptor, or -1 with errno. */
int file_open_directory_of(const char *path);

/*
 * Opens /dev/null on those of the descriptors 0, 1, 2 that the caller left closed,
 * so that no file of ours lands there; they are close-on-exec, so that the command
 * finds them closed again.
 */
void file_fill_standard(void);

/* Was this one of them closed?  Then what a tool prints would be lost. */
bool file_was_closed(int fd);

#endif
