/*
 * explain.h - from an operation that failed to its cause and what helps
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 *
 * Each function takes a failure that its caller has filled in and adds a hint, but
 * only of a cause that it looked for and found: a wrong hint is worse than none.
 * Nothing here runs unless something failed.  Each operation has its table of causes
 * (cause.h); those of maps, mounts and joins are in explainmap.c, explainmnt.c and
 * explainjoin.c.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "message.h"

/*
 * unshare(2) of these CLONE_NEW* flags failed.  optional: those that --no-TYPE would
 * leave out; without: those that it did.  A type that the kernel does not have becomes
 * the reason.
 */
void explain_create(struct failure *f, int flags, int optional, int without);

/* fork(2) failed. */
void explain_fork(struct failure *f);

/* Something that needs this CAP_* was refused. */
void explain_privilege(struct failure *f, unsigned capability, const char *name);

/* Something in a user namespace just made was refused, in which we should have every right. */
void explain_first_use(struct failure *f);

/* Something could not be opened; where it is below /proc, that may not be mounted. */
void explain_proc(struct failure *f);

/* execve(2) of path failed in a user namespace; the file's owner may not be mapped there. */
void explain_exec(struct failure *f, const char *path);

#endif
