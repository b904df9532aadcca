/*
 * explainmnt.h - why a mount was refused, or a namespace could not be kept at a file
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef EXPLAINMNT_H
#define EXPLAINMNT_H

#include <stdbool.h>

#include "message.h"
#include "nstype.h"

/*
 * No proc or sysfs could be mounted, of which one can be visible at usual ("/proc").
 * optional: --no-mount-proc would leave it out.  As those of explain.h.
 */
void explain_mount(struct failure *f, const char *usual, bool optional);

/* mnt_set_propagation() failed. */
void explain_propagation(struct failure *f);

/* mnt_pivot_root() failed. */
void explain_pivot(struct failure *f);

/*
 * A namespace of this type, of the process whose /proc/PID is open as proc, could not be
 * kept at file.
 */
void explain_pin(struct failure *f, const struct nstype *type, const char *file, int proc);

#endif
