/*
 * nsref.h - the references to processes and namespaces that all tools take
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 *
 *	1234                up to 4194304: a process
 *	1234:5678           a process, if its pidfd has this inode (6.9)
 *	/run/netns/x, ./x   a file of a namespace; any text with a slash
 *	net:[4026532806]    a namespace by its inode; also net:4026532806, or, from
 *	                    4026531832 on, the number alone
 *	:17                 a namespace by its 64-bit ID (6.18)
 *	blue                begins with a letter: a pinned set, or else a network namespace
 *	                    of ip-netns(8)
 *	container:0123...   a container by at least 12 digits of its ID
 *	initial             the initial namespaces
 */
#ifndef NSREF_H
#define NSREF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "census.h"
#include "message.h"

enum nsref_kind {
	NSREF_PROCESS,
	NSREF_FILE,
	NSREF_INODE,
	NSREF_ID,
	NSREF_INITIAL,
};

struct nsref {
	const char *text; /* as it was given */
	enum nsref_kind kind;
	pid_t pid;
	uint64_t pidfd_inode;      /* 0: any */
	const char *container;     /* the digits, where the process stands for one; or NULL */
	const char *file;          /* where the text is a name, allocated */
	const struct nstype *type; /* NULL: any */
	ino_t inode;
	uint64_t id;
};

/* What a reference leads to. */
struct nsref_target {
	const struct nsref *ref;
	struct census_process *process; /* or NULL */
	struct census_ns *ns;           /* or NULL */
	bool initial;
};

/*
 * The namespace of a file or a name, or of a socket that /proc/PID/fd has, where /proc is
 * that of our own PID namespace; a descriptor of the caller's, or -1 and f.
 */
int nsref_open_file(const struct nsref *ref, bool own_proc, struct failure *f);

/* Is it one of the forms of an inode: "net:[N]", "net:N", N? */
bool nsref_is_inode(const char *text);

/* The text of a process alone, as -p takes it.  Returns 0, or -1 and f. */
int nsref_parse_pid(const char *text, struct nsref *ref, struct failure *f);

/* Any reference; text must outlive ref, which nsref_free() frees.  Returns 0, or -1 and f. */
int nsref_parse(const char *text, struct nsref *ref, struct failure *f);
void nsref_free(struct nsref *ref);

/* Do these name namespaces, one each, and no process, which is in several? */
bool nsref_all_name_ns(const struct nsref *ref, size_t count);

/* What a census must have read beside processes for it to be found: CENSUS_*. */
int nsref_needs(const struct nsref *ref);

/* Finds it in a census, to which the namespace of a file is added.  Returns 0, or -1 and f. */
int nsref_find(const struct nsref *ref, struct census *census, struct nsref_target *target,
	       struct failure *f);

/* May any namespace of the target be read?  Returns 0, or -1 and f. */
int nsref_check(const struct nsref_target *target, struct failure *f);

/*
 * The inode of the target's namespace of this type; 0: it may not be read, or the
 * reference has none of this type.
 */
ino_t nsref_inode(const struct nsref_target *target, const struct nstype *type);

#endif
