/*
 * procreport.h - what there is to know before a proc is mounted, one line each, or as JSON
 *
 * SPDX-License-Identifier: MIT
 * layer 8
 */
#ifndef PROCREPORT_H
#define PROCREPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "message.h"
#include "procview.h"

/*
 * Writes it to file: whose PID namespace the proc at view->at shows, and if that is ours; who
 * else is in this mount namespace; the propagation of the mount there; what covers parts
 * of it.  Returns 0, or -1 with *f.
 */
int procreport_print(const struct procview *view, bool json, FILE *file, struct failure *f);

#endif
