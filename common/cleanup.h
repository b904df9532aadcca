/*
 * cleanup.h - descriptors, streams and memory that end with their scope
 *
 * SPDX-License-Identifier: MIT
 * layer 0
 *
 * An fd variable starts at -1, has one owner, and is closed when that owner's
 * scope ends; giving it away is take_fd().  errno survives every cleanup.
 */
#ifndef CLEANUP_H
#define CLEANUP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

/* Give the descriptor away: the caller owns it, *fd no longer does. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void close_file(FILE **file)
{
	int saved = errno;

	if (*file != NULL)
		fclose(*file);
	*file = NULL;
	errno = saved;
}

static inline void free_memory(void *pointer)
{
	free(*(void **)pointer);
}

#define autofd   __attribute__((cleanup(close_fd))) int
#define autofile __attribute__((cleanup(close_file))) FILE
#define autofree __attribute__((cleanup(free_memory)))

#endif
