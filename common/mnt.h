/*
 * mnt.h - mount operations: propagation, roots, proc and the like, namespaces kept at files
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

/*
 * Sets the propagation of every mount of this mount namespace, also where / is none of
 * them, as below a chroot.  Returns 0, or -1 with *f.
 */
int mnt_set_propagation(enum mnt_propagation propagation, struct failure *f);

/* A file system without a device, of which the kernel makes one for our own namespaces. */
struct mnt_pseudo {
	const char *type;
	int shows;         /* CLONE_NEW*: the type of namespace */
	const char *usual; /* where one is visible, if at all */
	const char *verb;  /* for messages */
};

extern const struct mnt_pseudo mnt_proc; /* of our own PID namespace */
extern const struct mnt_pseudo mnt_sys;  /* of our own network namespace */

enum { MNT_OPTIONS = 16 };

/* How it is to be mounted, beside the three flags that it always gets (mounttable.h). */
struct mnt_options {
	bool read_only, no_atime, no_diratime, strict_atime;
	size_t count;
	struct mnt_option {
		char name[32], value[32];
		bool has_value;
	} option[MNT_OPTIONS]; /* the file system's own */
};

/*
 * Makes a mount of it, nosuid, nodev and noexec, that is nowhere yet; *mounted is
 * its descriptor, the caller's to close.  A mount that is visible read-only or
 * noatime passes that on where the kernel demands it: in a user namespace it makes
 * none that would show more than what can be seen already (mount_too_revealing() in
 * fs/namespace.c), so make it before what can be seen is let go of.  *mounted is -1
 * where the new mount API (5.2) is missing, or a filter keeps it from us, and in a
 * dry run.  dir is named in the message.  options: NULL, or how; then the message has
 * what the context itself says of the failure, too.  Returns 0, or -1 with *f.
 */
int mnt_make(const struct mnt_pseudo *fs, const struct mnt_options *options, const char *dir,
	     int *mounted, struct failure *f);

/*
 * Opens a directory that somebody else may change meanwhile: never through a link of
 * /proc, nor, with a root that is not -1, out of that (openat2(2), 5.6; without it through
 * no link at all).  verb is for messages.  Returns an O_PATH descriptor, or -1 with *f.
 */
int mnt_open_directory(int root, const char *path, const char *verb, struct failure *f);

/*
 * Puts it on dir, which is opened once; where there is none, by mount(2).  private_first:
 * dir may be a shared mount, whose peers must not get the new one.  dir is opened by plain
 * open(2), links and all, as --mount-proc of unshare(1) does, and not by
 * mnt_open_directory(): it is used in a mount namespace that is new or was joined, and
 * on a directory of any other one the kernel mounts nothing (EINVAL, mount(2)).  Returns
 * 0, or -1 with *f.
 */
int mnt_attach(const struct mnt_pseudo *fs, int mounted, const char *dir, bool private_first,
	       struct failure *f);

/*
 * Makes sure that a mount on the directory at reaches no other mount namespace, without
 * a change to the mount that the directory is in: where at is the root of a mount, that
 * becomes private; else, and if shared says that what is mounted there would be seen
 * elsewhere, it is bound on itself, and that made private.  *on is where to mount then, at
 * or a descriptor of the caller's.  name is at's, for messages.  Returns 1 where it was
 * bound, 0 where not, or -1 with *f.
 */
int mnt_make_private(int at, bool shared, const char *name, int *on, struct failure *f);

/*
 * Takes that bind away again from the other mount namespaces, which have got it, once
 * something is mounted on ours: when it is unmounted in a copy of this mount namespace, it
 * is unmounted wherever nothing is on it; on ours there is, and that takes its place (4.11;
 * Documentation/filesystems/sharedsubtree.rst).  Forks: not where that would make the first
 * process of a PID namespace.  Returns 0, or -1 where they may keep it.
 */
int mnt_hide_bind(int at, const char *name);

/* As mnt_attach(), to a directory that is open: whatever has become of its name. */
int mnt_attach_to(const struct mnt_pseudo *fs, const struct mnt_options *options, int mounted,
		  int at, const char *name, struct failure *f);

/* A bind mount of path, open as from, and of what is mounted below it, on the directory at. */
int mnt_bind_to(int from, const char *path, int at, const char *name, struct failure *f);

/* Unmounts what was mounted last on the directory at.  Returns 0, or -1 with errno. */
int mnt_detach_from(int at, const char *name);

/* Is / the root of a mount (statx(2); before 5.8, true)?  Not below a chroot to a directory. */
bool mnt_root_is_mount_root(void);

/* Is something mounted there (statx(2), 5.8)? */
bool mnt_is_mount_point(const char *path);

/*
 * Copies the mounts at and below path, before it is covered, to put them back
 * afterwards.  *tree is the caller's to close, and -1 in a dry run.  Both return 0,
 * or -1 with *f.
 */
int mnt_copy_tree(const char *path, int *tree, struct failure *f);
int mnt_move_tree(int tree, const char *path, struct failure *f);

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

/* The same with the directory that is open as fd; dir is what it is called. */
int mnt_change_root_to(int fd, const char *dir, struct failure *f);

/*
 * The same by pivot_root(2): the old root is not mounted any more in this mount
 * namespace, whose mounts must not be shared with others.
 */
int mnt_pivot_root(const char *dir, struct failure *f);

int mnt_change_directory(const char *dir, struct failure *f);

/* To the directory that is open as fd. */
int mnt_change_directory_to(int fd, const char *dir, struct failure *f);

/*
 * To a directory that those inside may have made: no link of /proc, which could lead
 * out through a descriptor, is followed (openat2(2), RESOLVE_NO_MAGICLINKS).
 */
int mnt_change_directory_inside(const char *dir, struct failure *f);

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
