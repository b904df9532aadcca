/*
 * sealed.h - the tool's own program, kept out of reach of those it goes to
 *
 * SPDX-License-Identifier: MIT
 * layer 3
 *
 * A process inside can open /proc/PID/exe of one that comes from outside, and write
 * to that file, if it may (CVE-2019-5736).  A sealed memfd cannot be written to by
 * anybody (fcntl(2), "File Sealing"; 3.17).
 */
#ifndef SEALED_H
#define SEALED_H

#include <stdbool.h>

#include "message.h"

/*
 * Executes argv again from a sealed copy of this program, unless it runs from one.
 * Returns 0 then, or -1 with *f.
 */
int sealed_run(char *argv[], struct failure *f);

/* Does this process run from a sealed copy? */
bool sealed_is(void);

#endif
