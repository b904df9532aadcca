/*
 * json.h - texts in JSON
 *
 * SPDX-License-Identifier: MIT
 * layer 2
 */
#ifndef JSON_H
#define JSON_H

#include <stdio.h>

/*
 * Writes text as a string of JSON.  Every byte that is not printable UTF-8 becomes \xNN
 * first and a backslash \\, as in the tables.
 */
void json_string(FILE *file, const char *text);

#endif
