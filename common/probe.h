/*
 * probe.h - what can be found out, and tried in a child, about why something is refused
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 *
 * Nothing is changed, and what cannot be read counts as not found.  For tests, what only
 * the machine's owner can set is read below PROBE_PROC, which a build may define.
 */
#ifndef PROBE_H
#define PROBE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "nstype.h"

#ifndef PROBE_PROC
#define PROBE_PROC "/proc"
#endif

/* No errno: a filter of system calls, as of seccomp(2), ended the child that tried. */
enum { PROBE_KILLED = 256 };

/*
 * Tries it in a child, which ends at once: 0, or the errno with which attempt() failed,
 * or PROBE_KILLED; -1 with errno where there is no child.
 */
int probe_try(int (*attempt)(const void *what), const void *what);

/* The same for unshare(2) of these CLONE_NEW* flags; the namespaces end with the child. */
int probe_unshare(int flags);

/* The first of these types that the kernel does not have, or NULL. */
const struct nstype *probe_missing_type(int flags);

/* The first whose limit in this user namespace is 0 (namespaces(7), /proc/sys/user), or NULL. */
const struct nstype *probe_forbidden_type(int flags);

/* Those that not the kernel but a filter of system calls refuses: CLONE_NEW* flags. */
int probe_filtered_types(int flags);

/* Is this process in the initial user namespace? */
bool probe_is_initial_user(void);

/* Has it a filter of system calls (seccomp(2))? */
bool probe_has_filter(void);

/* Reads the number in a file below PROBE_PROC. */
bool probe_number(const char *name, uint64_t *number);

/* Would the kernel make a proc for this PID namespace?  It is put nowhere (fsmount(2), 5.2). */
bool probe_can_make_proc(void);

/* Reads what a security module calls this process: "unconfined". */
bool probe_label(char *label, size_t size);

/* Has AppArmor moved it to the profile for user namespaces, which has no capabilities? */
bool probe_is_confined(void);

/*
 * Is our root another than that of the mount namespace?  It is, where it is no mount's
 * root (statx(2), 5.8), or where with that one a user namespace could be made.
 */
bool probe_is_chrooted(void);

/* Are our next children to be in another PID namespace than we? */
bool probe_children_are_elsewhere(void);

/* Is this open PID namespace ours or one inside it?  One further out is not shown. */
bool probe_is_in_ours(int pid_ns);

/* Has it lost its first process (6.11), which is no zombie any more? */
bool probe_is_dead(int pid_ns);

/*
 * Reads the next mount point, field 5 of mountinfo (proc(5)), into out; whether it is
 * shared, by its optional fields, into *shared.
 */
bool probe_next_mount(FILE *mountinfo, char out[PATH_MAX], bool *shared);

/* Is path this directory, or below it? */
bool probe_is_below(const char *path, const char *dir);

/*
 * Is this path below /proc or /sys a directory that was made to be mounted on, so that a
 * mount there hides nothing (proc_create_mount_point())?
 */
bool probe_is_place_for_mounts(const char *path);

/*
 * The kernel's 64-bit number of the mount namespace of the process whose /proc/PID is
 * open as proc, or of our own, for -1; 0 before 6.11.
 */
unsigned long long probe_mount_namespace_id(int proc);

/* The mounts that our root lets us see. */
size_t probe_count_mounts(void);

#endif
