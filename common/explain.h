/*
 * explain.h - from an operation that failed to its cause and what helps
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 *
 * Each function takes a failure that its caller has filled in and adds a hint, but
 * only of a cause that it looked for and found: a wrong hint is worse than none.
 * Nothing here runs unless something failed.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"

/*
 * unshare(2) of these CLONE_NEW* flags failed.  optional: those that --no-TYPE would
 * leave out; without: those that it did.  A type that the kernel does not have becomes
 * the reason.
 */
void explain_create(struct failure *f, int flags, int optional, int without);

/*
 * For a dry run: the errno with which unshare(2) of these flags would fail, as far
 * as that can be read: a limit of 0, or no privilege.  0: nothing speaks against it.
 */
int explain_predict(int flags);

/* fork(2) failed. */
void explain_fork(struct failure *f);

/*
 * No proc or sysfs could be mounted, of which one can be visible at usual ("/proc").
 * optional: --no-mount-proc would leave it out.
 */
void explain_mount(struct failure *f, const char *usual, bool optional);

/*
 * Is this path below /proc or /sys a directory that was made to be mounted on, so that a
 * mount there hides nothing (proc_create_mount_point())?
 */
bool explain_is_place_for_mounts(const char *path);

/* Something that needs this CAP_* was refused. */
void explain_privilege(struct failure *f, unsigned capability, const char *name);

/* A mount namespace could not be kept at file. */
void explain_pin(struct failure *f, const char *file);

/* Something could not be opened; where it is below /proc, that may not be mounted. */
void explain_proc(struct failure *f);

/* execve(2) of path failed in a user namespace; the file's owner may not be mapped there. */
void explain_exec(struct failure *f, const char *path);

#endif
