/*
 * pinned.h - the registry of pinned sets: namespaces that a process keeps under a name
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 *
 * A registry is a directory with a file for each set, whose name is that of the set:
 * "PID:INODE\n", the PID of the keeper and the inode of its pidfd, which no other process
 * ever has (pidfs, 6.9).  What does not name a live process so is stale: it is as good as
 * no file, and goes when the name is used again.  PIDs are those of the writer's PID
 * namespace; in another one its entries are stale.
 *
 * There are three: /run/ns for those who may write there, that is root; for others
 * $XDG_RUNTIME_DIR/ns, or else /tmp/ns-UID.  A name is looked for in the caller's own
 * first, then in /run/ns, and never where another user could write.
 */
#ifndef PINNED_H
#define PINNED_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"

enum { PINNED_NAME_MOST = 64, PINNED_REGISTRIES = 3 };

struct pinned {
	char name[PINNED_NAME_MOST + 1];
	pid_t pid;
	uint64_t inode;
};

/* A name in a registry, on its way in or out. */
struct pinning {
	char path[PATH_MAX]; /* of the registry */
	int dir;             /* it, an O_PATH descriptor, or -1 */
	struct pinned set;
};

/* Looks for the live set of this name. */
bool pinned_find(const char *name, struct pinned *set);

/* All live sets, each name once, the oldest first; to be freed.  Returns how many. */
size_t pinned_list(struct pinned **sets);

/*
 * Opens the caller's registry, which is made if need be, for a name that has no live set.
 * The caller closes it by pinned_close().  Returns 0, or -1 with *f.
 */
int pinned_prepare(struct pinning *p, const char *name, struct failure *f);

/* Could it be opened, or made?  Changes nothing.  Returns 0, or -1 with *f. */
int pinned_check(struct failure *f);

/*
 * Enters the set, unless another has the name by now.  In a dry run the PID is of no
 * account.  Returns 0, or -1 with *f.
 */
int pinned_enter(struct pinning *p, pid_t keeper, struct failure *f);

/* Opens the n-th registry, and reads the entry.  false: there is none. */
bool pinned_open_entry(struct pinning *p, size_t n, const char *name);

/* A pidfd of the set's keeper; -1 with ESRCH where that has ended. */
int pinned_open_keeper(const struct pinned *set);

/* Takes the entry out again, unless it is another's by now.  Returns 0, or -1 with errno. */
int pinned_remove(const struct pinning *p);

void pinned_close(struct pinning *p);

#endif
