/*
 * join.h - join namespaces that exist, in the order that works
 *
 * SPDX-License-Identifier: MIT
 * layer 7
 *
 * Those of a process are joined all in one call, setns(pidfd, flags) (5.8): either
 * all are joined or none, and the kernel checks the rights to each with the
 * credentials that we come with (so that a namespace of our own user namespace can be
 * joined together with a user namespace in which we will have no right to it).  Each
 * other namespace takes a call of its own.  The user namespace is the last of these
 * for who has CAP_SYS_ADMIN here, and with it a right to each; for anybody else the
 * first, as it gives the right to the others.
 */
#ifndef JOIN_H
#define JOIN_H

#include "message.h"
#include "nstype.h"
#include "target.h"

struct join {
	struct target target;           /* the process; pidfd -1: none */
	int by_pidfd;                   /* CLONE_NEW*: those of the process */
	int fd[NSTYPE_COUNT];           /* the others, each open, in nstypes[]'s order; or -1 */
	const char *name[NSTYPE_COUNT]; /* what they are called in messages */
};

/* No process, no namespaces. */
void join_init(struct join *join);
void join_close(struct join *join);

/* The types that are joined: CLONE_NEW*. */
int join_flags(const struct join *join);

/* target_shares() for its process, with a hint where that fails. */
int join_shares(const struct join *join, const struct nstype *type, const char *link,
		struct failure *f);

/*
 * Takes the namespace that is open as fd, which join owns from here on, in place of one
 * of the same type; one's own is left out.  Refuses what is no namespace, or not of
 * the type wanted (NULL: any).  name outlives join.  Returns 0, or -1 with *f.
 */
int join_add_fd(struct join *join, const struct nstype *type, int fd, const char *name,
		struct failure *f);

/*
 * Where the caller has no privilege of its own and no user namespace is to be joined,
 * the one that owns the first of those that are open is added: it gives the right to
 * them (ioctl_ns(2), NS_GET_USERNS, 4.9).  Returns 0, or -1 with *f.
 */
int join_add_owner(struct join *join, struct failure *f);

/*
 * Takes the user namespace that is the parent of the one to be joined, or else the
 * owner of the first of the others, as nsenter(1)'s --user-parent (4.9).  Returns 0,
 * or -1 with *f.
 */
int join_add_parent(struct join *join, struct failure *f);

/*
 * What the kernel would refuse with no more than an errno: one's own user namespace
 * (setns(2)), and a PID namespace without an init, in which no process can be made
 * (pid_namespaces(7)).  Returns 0, or -1 with *f.
 */
int join_check(const struct join *join, struct failure *f);

/*
 * Joins them.  From here on the process is not dumpable: nobody inside may come at
 * it before it has executed something (ptrace(2)).  Returns 0, or -1 with *f, which
 * names the namespace that was refused; then the process can only end.
 */
int join_namespaces(const struct join *join, struct failure *f);

#endif
