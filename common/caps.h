/*
 * caps.h - capabilities; the only user of libcap-ng
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 */
#ifndef CAPS_H
#define CAPS_H

#include <stdbool.h>

#include "message.h"

/* Is this CAP_* (linux/capability.h) effective, in our own user namespace? */
bool caps_have(unsigned capability);

/*
 * Makes every permitted capability inheritable and ambient, so that exec keeps it
 * whatever the user ID (capabilities(7), ambient since 4.3).  Call it after the
 * last change of IDs, which may clear them.  Returns 0, or -1 with *f filled in.
 */
int caps_keep(struct failure *f);

#endif
