/*
 * target.h - a process that is held, so that it stays the one that was meant
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 *
 * By a pidfd from the moment its PID is known, and by its directory in /proc, which
 * is looked up once: whatever becomes of the PID, both stay with the one process
 * (pidfd_open(2), proc(5)).  What was read through the directory is believed only
 * after the pidfd has said that the process still lives.
 */
#ifndef TARGET_H
#define TARGET_H

#include <sys/types.h>

#include "message.h"
#include "nstype.h"

struct target {
	pid_t pid;
	int pidfd; /* or -1: none is held */
	int proc;  /* /proc/PID, an O_PATH descriptor */
};

/*
 * Takes hold of process pid, with the pidfd that has this inode (0: whatever it has,
 * others since 6.9).  Refuses zombies and threads.  The caller ends it by
 * target_close().  Returns 0, or -1 with *f.
 */
int target_open(struct target *target, pid_t pid, ino_t pidfd_inode, struct failure *f);
void target_close(struct target *target);

/* Does it still live?  Then all that was read through target->proc was its own. */
int target_check(const struct target *target, struct failure *f);

/* It does not, as who met ESRCH knows: returns -1, with *f. */
int target_gone(const struct target *target, struct failure *f);

/*
 * Is its namespace, by a link of /proc/PID ("ns/net"), our own of this type?  1, 0, or
 * -1 with *f where it may not be known (PTRACE_MODE_READ, ptrace(2)); the type is
 * missing on both sides: 1.
 */
int target_shares(const struct target *target, const struct nstype *type, const char *link,
		  struct failure *f);

/* Opens something below /proc/PID; a descriptor of the caller's, or -1 with *f. */
int target_open_file(const struct target *target, const char *name, int flags, struct failure *f);

#endif
