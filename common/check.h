/*
 * check.h - what the caller can do here and now, by doing it
 *
 * SPDX-License-Identifier: MIT
 * layer 8
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Makes a namespace of each type, in children, with a use of what it is for; maps IDs, the
 * caller's own and subordinate ones; mounts a proc; and makes the mount that keeps a
 * namespace, which is put nowhere.  What needs a user namespace gets one.  Writes a line for each
 * to file, with the cause and what helps where it fails; in JSON as an object with
 * "schema": 1.  Returns whether all worked.
 */
bool check_print(bool json, FILE *file);

#endif
