/*
 * dot.h - a picture of namespaces and processes, for Graphviz
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 */
#ifndef DOT_H
#define DOT_H

#include <stdio.h>

#include "census.h"

/*
 * Writes a graph in the DOT language: each namespace of a type in flags is a node, its
 * type a color, with an edge from its owner and one from its parent.  Processes that are
 * in the same namespaces are one cluster, with an edge to each of these but the caller's
 * own, which would be edges from everywhere.  The census must have relations.  Returns 0,
 * or -1 with errno.
 */
int dot_print(const struct census *census, int flags, FILE *file);

#endif
