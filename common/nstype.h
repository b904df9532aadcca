/*
 * nstype.h - the eight types of namespaces, each stated once
 *
 * SPDX-License-Identifier: MIT
 * layer 1
 *
 * Options, columns, help, completion and every loop over the types are derived
 * from this table.
 */
#ifndef NSTYPE_H
#define NSTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { NSTYPE_COUNT = 8 };

/* Longest text of nstype_flags(): all eight, '|' between them, and a NUL. */
enum { NSTYPE_FLAGS_BYTES = 128 };

struct nstype {
	const char *name;   /* the kernel's: /proc/PID/ns/NAME, "NAME:[inode]" */
	const char *option; /* the tools': --OPTION */
	char letter;        /* and -LETTER */
	int flag;           /* CLONE_NEW*, for unshare(2) and setns(2) */
	const char *flag_name;
	const char *link;     /* below /proc/PID: the namespace that PID is in */
	const char *new_link; /* the one that it just made (its children's, for pid and time) */
	ino_t initial;        /* inode of the initial namespace; net and mnt since 6.18 only */
	const char *limit;    /* below /proc/sys/user */
	const char *isolates; /* what it gives a copy of, for help texts */
	unsigned pidfd_get;   /* ioctl(2) of a pidfd that opens it, 6.11 */
};

/* The order is that in which the types are listed; the user namespace owns the others. */
extern const struct nstype nstypes[NSTYPE_COUNT];

/* The type that the kernel calls so, the name being `length` bytes; or NULL. */
const struct nstype *nstype_by_name(const char *name, size_t length);

/*
 * Adds the CLONE_NEW* flags of a comma-separated list of names to *flags; returns NULL, or
 * from where on it names no type.
 */
const char *nstype_parse_list(const char *names, int *flags);

/* The flags of all types. */
int nstype_all(void);

/* The type of this CLONE_NEW* flag, or NULL. */
const struct nstype *nstype_by_flag(int flag);

/* Does the kernel have this type?  Without /proc/self/ns, which would tell, yes. */
bool nstype_exists(const struct nstype *type);

/* Is the namespace that is open as fd our own one of this type? */
bool nstype_is_own(const struct nstype *type, int fd);

/*
 * Does our namespace of this type belong to our user namespace, or to one inside it
 * (ioctl_ns(2), NS_GET_USERNS, 4.9)?  Only then can its root have rights over it.
 */
bool nstype_is_ours(const struct nstype *type);

/*
 * Writes the symbolic form of `flags` ("CLONE_NEWUSER|CLONE_NEWNS", or "0") into
 * buf, which holds NSTYPE_FLAGS_BYTES, and returns buf.
 */
const char *nstype_flags(int flags, char *buf);

#endif
