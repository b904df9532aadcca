/*
 * procmount.h - mount the proc of a PID namespace
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 */
#ifndef PROCMOUNT_H
#define PROCMOUNT_H

#include "message.h"
#include "mnt.h"
#include "procview.h"

/*
 * Mounts our proc on view->at, seen by no other mount namespace, and verifies that it is
 * what is found at view->dir then; else it is unmounted again.  A refusal is explained.
 * Returns 0, or -1 with *f; 1 where it is mounted, but others see that view->dir was bound
 * on itself for it.
 */
int procmount_mount(const struct procview *view, const struct mnt_options *options,
		    struct failure *f);

/* Binds the proc that there is at /proc on it, as procmount_mount() mounts one, and returns. */
int procmount_bind(const struct procview *view, struct failure *f);

#endif
