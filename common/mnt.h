/*
 * mnt.h - mount operations: propagation, proc, binfmt_misc, and namespaces kept at files
 *
 * SPDX-License-Identifier: MIT
 * layer 4
 */
#ifndef MNT_H
#define MNT_H

#include <stdbool.h>
#include <sys/types.h>

#include "message.h"
#include "nstype.h"

/* mount_namespaces(7), "Shared subtrees". */
enum mnt_propagation {
	MNT_UNCHANGED = 1,
	MNT_PRIVATE,
	MNT_SLAVE,
	MNT_SHARED,
};

/* Sets the propagation of every mount of this mount namespace.  Returns 0, or -1 with *f. */
int mnt_set_propagation(enum mnt_propagation propagation, struct failure *f);

/*
 * Mounts the proc of our own PID namespace on dir, nosuid, nodev and noexec.  By
 * the new mount API (5.2), whose steps tell what failed, or by mount(2) where it
 * is missing.  A proc that is visible there read-only or noatime passes that on
 * where the kernel demands it (mount_too_revealing() in fs/namespace.c).
 * private_first: dir may be a shared mount, whose peers must not get the new one.
 */
int mnt_mount_proc(const char *dir, bool private_first, struct failure *f);

/*
 * For a dry run: is dir a directory that could be entered, or mounted on, once root
 * (NULL: our own) is the root directory?  verb names what would be done with it.
 * Returns 0, or -1 with *f.
 */
int mnt_check_directory(const char *root, const char *dir, const char *verb, struct failure *f);

/*
 * Makes dir the root directory and goes there, so that no relative path leads out
 * (chroot(2) leaves the working directory where it is).  Returns 0, or -1 with *f.
 */
int mnt_change_root(const char *dir, struct failure *f);

int mnt_change_directory(const char *dir, struct failure *f);

/* Mounts binfmt_misc on dir (in a user namespace since 6.7). */
int mnt_mount_binfmt(const char *dir, struct failure *f);

/* Registers an interpreter, ":name:type:offset:magic:mask:interpreter:flags", there. */
int mnt_register_interpreter(const char *dir, const char *definition, struct failure *f);

/* A namespace kept alive by a bind mount of its file (namespaces(7)). */
struct mnt_pin {
	const struct nstype *type;
	const char *file;
	bool created; /* the file, by us */
	bool mounted;
	int dir;   /* that of a file that we created, or -1 */
	int mount; /* the root of our mount, or -1 */
};

/*
 * Can a namespace be kept there: a regular file, or none in a directory that can
 * be written?  Changes nothing.  Returns 0, or -1 with *f.
 */
int mnt_check_pin(const struct mnt_pin *pin, struct failure *f);

/*
 * Keeps the new namespace of process pid, whose /proc/PID is the directory proc,
 * at pin->file, which is created if missing.  It is verified to be a namespace
 * that is not our own and to be what then stands at the file.  Run it in the old
 * mount namespace.  Returns 0, or -1 with *f and nothing left behind.
 */
int mnt_keep_pin(struct mnt_pin *pin, int proc, pid_t pid, struct failure *f);

/*
 * Closes the descriptors, which keep the mount busy; from here on it can be taken
 * back by its path alone.
 */
void mnt_release_pin(struct mnt_pin *pin);

/*
 * Takes it back: unmounts, and removes the file if mnt_keep_pin() created it; by
 * descriptors, as the path may lead elsewhere by now.
 */
void mnt_drop_pin(struct mnt_pin *pin);

#endif
