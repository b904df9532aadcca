/*
 * exitcode.h - the exit statuses that all tools share
 *
 * SPDX-License-Identifier: MIT
 * layer 0
 *
 * As env(1), timeout(1) and chroot(1) have them.
 */
#ifndef EXITCODE_H
#define EXITCODE_H

enum {
	EXIT_OWN = 125,        /* the tool itself failed, usage errors included */
	EXIT_CANNOT_RUN = 126, /* the command was found but could not be run */
	EXIT_NOT_FOUND = 127,  /* the command was not found */
	EXIT_SIGNAL = 128,     /* plus n: the command died of signal n, where the tool cannot */
};

#endif
