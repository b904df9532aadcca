/*
 * container.h - containers, known by the control groups that their engines make
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 *
 * docker, podman and cri name the control group of a container by its ID, 64
 * hexadecimal digits, with or without something around them.
 */
#ifndef CONTAINER_H
#define CONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"

enum { CONTAINER_ID_DIGITS = 64, CONTAINER_ID_LEAST = 12 };

/*
 * The ID of the container that the process with this /proc/PID is in, from the path of a
 * control group that root or the caller owns; false: it is in none.
 */
bool container_find_id(int proc, char id[CONTAINER_ID_DIGITS + 1]);

/*
 * Finds the process with the lowest PID in the container whose ID begins with these
 * digits, at least CONTAINER_ID_LEAST.  Only a control group that root or the caller
 * owns counts: anybody can name one like a container elsewhere.  Two containers are an
 * error that names both.  Returns 0, or -1 with *f.
 */
int container_find_process(const char *digits, pid_t *pid, struct failure *f);

/* Is the process whose /proc/PID this is, and which is held by now, in that container? */
bool container_holds(const char *digits, int proc);

#endif
