/*
 * num.h - strict numbers: the one place where text becomes a number
 *
 * SPDX-License-Identifier: MIT
 * layer 1
 *
 * The whole text must be the number, decimal, without white space, and in the
 * range of the kernel's own type; nothing wraps, saturates or is cut.
 */
#ifndef NUM_H
#define NUM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Digits alone, from 0 to max. */
bool num_parse(const char *text, uint64_t max, uint64_t *number);

/*
 * A user or group ID, 0 to 4294967294: 4294967295 is (uid_t)-1, which the system
 * calls take for "unchanged" (setresuid(2)).
 */
bool num_parse_id(const char *text, uint32_t *id);

/*
 * A signed number of whole seconds, "+" allowed, in time_t's 64 bits: alone, or with
 * units, the largest first, as in "1w2d3h4m5s".
 */
bool num_parse_seconds(const char *text, int64_t *seconds);

/* A signal: its number, its name with or without "SIG" in any case, RTMIN+n or RTMAX-n. */
bool num_parse_signal(const char *text, int *signal);

/* The hexadecimal number with which hex begins, as the kernel writes a set (proc(5)). */
uint64_t num_read_set(const char *hex);

#endif
