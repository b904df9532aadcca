/*
 * mnt.c - mount operations: propagation, roots, proc and the like, namespaces kept at files
 *
 * SPDX-License-Identifier: MIT
 */
#include "mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "trace.h"

static const struct {
	unsigned long flags;
	const char *text;
} propagations[] = {
	[MNT_PRIVATE] = { MS_REC | MS_PRIVATE, "MS_REC|MS_PRIVATE" },
	[MNT_SLAVE] = { MS_REC | MS_SLAVE, "MS_REC|MS_SLAVE" },
	[MNT_SHARED] = { MS_REC | MS_SHARED, "MS_REC|MS_SHARED" },
};

static int change_propagation(const char *dir, enum mnt_propagation propagation)
{
	if (!trace_call("mount(\"none\", \"%s\", NULL, %s, NULL)", dir,
			propagations[propagation].text))
		return 0;
	return (int)trace_result(mount("none", dir, NULL, propagations[propagation].flags, NULL));
}

int mnt_set_propagation(enum mnt_propagation propagation, struct failure *f)
{
	if (propagation == MNT_UNCHANGED || change_propagation("/", propagation) == 0)
		return 0;
	return failure_errno(f, "change the propagation of mounts below", "/");
}

const struct mnt_pseudo mnt_proc = { "proc", CLONE_NEWPID, "/proc", "mount proc on" };
const struct mnt_pseudo mnt_sys = { "sysfs", CLONE_NEWNET, "/sys", "mount sysfs on" };

/* Besides the three that it always gets: the flags that the kernel may demand. */
struct mount_flags {
	bool read_only, no_atime;
};

static unsigned mount_attributes(struct mount_flags flags)
{
	return KERNEL_ATTR_NOSUID | KERNEL_ATTR_NODEV | KERNEL_ATTR_NOEXEC |
	       (flags.read_only ? KERNEL_ATTR_RDONLY : 0) |
	       (flags.no_atime ? KERNEL_ATTR_NOATIME : 0);
}

/* A context for one of our own namespaces; -1 with errno. */
static int open_context(const struct mnt_pseudo *fs)
{
	autofd context = -1;

	if (trace_call("fsopen(\"%s\", FSOPEN_CLOEXEC)", fs->type))
		context = (int)trace_result(
			syscall(KERNEL_SYS_fsopen, fs->type, KERNEL_FSOPEN_CLOEXEC));
	if (context < 0 && !trace_is_dry_run())
		return -1;
	if (trace_call("fsconfig(%s, FSCONFIG_SET_STRING, \"source\", \"%s\", 0)",
		       trace_number(context, "FD"), fs->type) &&
	    trace_result(syscall(KERNEL_SYS_fsconfig, context, KERNEL_FSCONFIG_SET_STRING, "source",
				 fs->type, 0)) != 0)
		return -1;
	return take_fd(&context);
}

/* A mount of the context that is nowhere yet; -1 with errno, or in a dry run. */
static int mount_context(int context, struct mount_flags flags)
{
	if (!trace_call("fsmount(%s, FSMOUNT_CLOEXEC, "
			"MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC%s%s)",
			trace_number(context, "FD"), flags.read_only ? "|MOUNT_ATTR_RDONLY" : "",
			flags.no_atime ? "|MOUNT_ATTR_NOATIME" : ""))
		return -1;
	return (int)trace_result(syscall(KERNEL_SYS_fsmount, context, KERNEL_FSMOUNT_CLOEXEC,
					 mount_attributes(flags)));
}

static int make_mount(const struct mnt_pseudo *fs, int context)
{
	struct mount_flags flags = { false, false };
	struct statvfs visible;
	int mounted;

	if (trace_call("fsconfig(%s, FSCONFIG_CMD_CREATE, NULL, NULL, 0)",
		       trace_number(context, "FD")) &&
	    trace_result(syscall(KERNEL_SYS_fsconfig, context, KERNEL_FSCONFIG_CREATE, NULL, NULL,
				 0)) != 0)
		return -1;
	mounted = mount_context(context, flags);
	if (mounted >= 0 || trace_is_dry_run() || errno != EPERM)
		return mounted;
	if (statvfs(fs->usual, &visible) == 0) {
		flags.read_only = (visible.f_flag & ST_RDONLY) != 0;
		flags.no_atime = (visible.f_flag & ST_NOATIME) != 0;
	}
	if (flags.read_only || flags.no_atime)
		return mount_context(context, flags);
	errno = EPERM;
	return -1;
}

int mnt_make(const struct mnt_pseudo *fs, const char *dir, int *mounted, struct failure *f)
{
	autofd context = open_context(fs);

	*mounted = -1;
	if (context < 0 && !trace_is_dry_run())
		return errno == ENOSYS || errno == EPERM ? 0 : failure_errno(f, fs->verb, dir);
	*mounted = make_mount(fs, context);
	return *mounted >= 0 || trace_is_dry_run() || errno == ENOSYS
		       ? 0
		       : failure_errno(f, fs->verb, dir);
}

static int mount_old_way(const struct mnt_pseudo *fs, const char *dir)
{
	if (!trace_call("mount(\"%s\", \"%s\", \"%s\", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)",
			fs->type, dir, fs->type))
		return 0;
	return (int)trace_result(
		mount(fs->type, dir, fs->type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
}

static int move_mount_to(int mounted, const char *dir)
{
	autofd target = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (target < 0 && !trace_is_dry_run())
		return -1;
	if (!trace_call("move_mount(%s, \"\", AT_FDCWD, \"%s\", MOVE_MOUNT_F_EMPTY_PATH)",
			trace_number(mounted, "FD"), dir))
		return 0;
	return (int)trace_result(syscall(KERNEL_SYS_move_mount, mounted, "", target, "",
					 KERNEL_MOVE_F_EMPTY_PATH | KERNEL_MOVE_T_EMPTY_PATH));
}

int mnt_attach(const struct mnt_pseudo *fs, int mounted, const char *dir, bool private_first,
	       struct failure *f)
{
	int result;

	/* EINVAL: not a mount point, so there is nothing to be made private. */
	if (private_first && change_propagation(dir, MNT_PRIVATE) != 0 && errno != EINVAL)
		return failure_errno(f, "make private the mount at", dir);
	result = mounted < 0 && !trace_is_dry_run() ? -1 : move_mount_to(mounted, dir);
	if (result != 0 && (mounted < 0 || errno == ENOSYS))
		result = mount_old_way(fs, dir);
	return result == 0 ? 0 : failure_errno(f, fs->verb, dir);
}

bool mnt_is_mount_point(const char *path)
{
	struct statx st;

	return statx(AT_FDCWD, path, 0, 0, &st) == 0 &&
	       (st.stx_attributes & KERNEL_STATX_ATTR_MOUNT_ROOT) != 0;
}

int mnt_copy_tree(const char *path, int *tree, struct failure *f)
{
	if (!trace_call(
		    "open_tree(AT_FDCWD, \"%s\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)",
		    path))
		return 0;
	*tree = (int)trace_result(
		syscall(KERNEL_SYS_open_tree, AT_FDCWD, path,
			KERNEL_OPEN_TREE_CLONE | O_CLOEXEC | KERNEL_AT_RECURSIVE));
	return *tree >= 0 ? 0 : failure_errno(f, "keep what is mounted on", path);
}

int mnt_move_tree(int tree, const char *path, struct failure *f)
{
	return move_mount_to(tree, path) == 0 ? 0
					      : failure_errno(f, "mount again what was on", path);
}

int mnt_check_directory(const char *root, const char *dir, const char *verb, struct failure *f)
{
	autofd top = open(root != NULL ? root : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd fd = -1;

	if (top >= 0)
		fd = kernel_open_path(top, dir, O_DIRECTORY,
				      root != NULL ? KERNEL_RESOLVE_IN_ROOT : 0);
	if (fd >= 0 && faccessat(fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) == 0)
		return 0;
	return failure_errno(f, verb, dir);
}

int mnt_change_root(const char *dir, struct failure *f)
{
	if (trace_call("chroot(\"%s\")", dir) && trace_result(chroot(dir)) != 0)
		return failure_errno(f, "change root to", dir);
	return mnt_change_directory("/", f);
}

/*
 * pivot_root(2), "pivot_root(".", ".")": the old root is stacked on the new one, and
 * is there for none but our descriptor of it.  To be unmounted it must not be shared,
 * or its peers would lose theirs.
 */
int mnt_pivot_root(const char *dir, struct failure *f)
{
	autofd old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (old < 0 ||
	    (trace_call("mount(\"%s\", \"%s\", NULL, MS_BIND|MS_REC, NULL)", dir, dir) &&
	     trace_result(mount(dir, dir, NULL, MS_BIND | MS_REC, NULL)) != 0) ||
	    (trace_call("chdir(\"%s\")", dir) && trace_result(chdir(dir)) != 0) ||
	    (trace_call("pivot_root(\".\", \".\")") &&
	     trace_result(syscall(SYS_pivot_root, ".", ".")) != 0) ||
	    (trace_call("fchdir(%s)", trace_number(old, "FD")) && trace_result(fchdir(old)) != 0) ||
	    (trace_call("umount2(\".\", MNT_DETACH)") &&
	     trace_result(umount2(".", MNT_DETACH)) != 0))
		return failure_errno(f, "change root to", dir);
	return mnt_change_directory("/", f);
}

int mnt_change_directory(const char *dir, struct failure *f)
{
	if (!trace_call("chdir(\"%s\")", dir) || trace_result(chdir(dir)) == 0)
		return 0;
	return failure_errno(f, "change directory to", dir);
}

int mnt_mount_binfmt(const char *dir, struct failure *f)
{
	if (!trace_call("mount(\"binfmt_misc\", \"%s\", \"binfmt_misc\", "
			"MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)",
			dir) ||
	    trace_result(mount("binfmt_misc", dir, "binfmt_misc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			       NULL)) == 0)
		return 0;
	return failure_errno(f, "mount binfmt_misc on", dir);
}

int mnt_register_interpreter(const char *dir, const char *definition, struct failure *f)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/register", dir);
	if (file_write(AT_FDCWD, path, path, definition) == 0)
		return 0;
	return failure_errno(f, "register the interpreter", definition);
}

/* "keep the uts namespace at", for the message. */
static int pin_failure(const struct mnt_pin *pin, struct failure *f)
{
	char verb[64];

	snprintf(verb, sizeof(verb), "keep the %s namespace at", pin->type->name);
	return failure_errno(f, verb, pin->file);
}

int mnt_check_pin(const struct mnt_pin *pin, struct failure *f)
{
	struct stat st;

	if (stat(pin->file, &st) == 0) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		return S_ISREG(st.st_mode) ? 0 : pin_failure(pin, f);
	}
	return file_can_create(pin->file) ? 0 : pin_failure(pin, f);
}

/* The file to mount on, as an O_PATH descriptor; created, if it is missing. */
static int open_pin_target(struct mnt_pin *pin)
{
	const char *name = file_base_name(pin->file);
	autofd dir = -1, made = -1;

	if (access(pin->file, F_OK) == 0 || errno != ENOENT)
		return open(pin->file, O_PATH | O_CLOEXEC);
	if (!trace_call("open(\"%s\", O_RDONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0444)", pin->file))
		return -1;
	dir = file_open_directory_of(pin->file);
	made = (int)trace_result(openat(dir, name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
	if (made < 0)
		return -1;
	pin->created = true;
	pin->dir = take_fd(&dir);
	return openat(pin->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static bool same_file(int fd, int other)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Binds the namespace open as ns on the file open as target; narrated by their names. */
static int bind_pin(struct mnt_pin *pin, int ns, int target, pid_t pid)
{
	autofd mounted = -1;
	char from[40], to[40];

	snprintf(from, sizeof(from), "/proc/self/fd/%d", ns);
	snprintf(to, sizeof(to), "/proc/self/fd/%d", target);
	if (!trace_call("mount(\"/proc/%d/%s\", \"%s\", NULL, MS_BIND, NULL)", (int)pid,
			pin->type->new_link, pin->file))
		return 0;
	if (trace_result(mount(from, to, NULL, MS_BIND, NULL)) != 0)
		return -1;
	mounted = pin->dir >= 0 ? openat(pin->dir, file_base_name(pin->file), O_PATH | O_CLOEXEC)
				: open(pin->file, O_PATH | O_CLOEXEC);
	if (mounted < 0 || !same_file(ns, mounted)) {
		errno = ESTALE; /* somebody else's mount or rename got in between */
		return -1;
	}
	pin->mounted = true;
	pin->mount = take_fd(&mounted);
	return 0;
}

int mnt_keep_pin(struct mnt_pin *pin, int proc, pid_t pid, struct failure *f)
{
	autofd ns = -1, target = -1, own = -1;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/%s", pin->type->link);
	if (!trace_is_dry_run()) {
		own = open(path, O_RDONLY | O_CLOEXEC);
		ns = openat(proc, pin->type->new_link, O_RDONLY | O_CLOEXEC);
		if (ns < 0)
			return pin_failure(pin, f);
		if (same_file(ns, own))
			return failure_reason(f, "keep the new namespace at", pin->file,
					      "the %s namespace is not a new one", pin->type->name);
	}
	target = open_pin_target(pin);
	if ((target >= 0 || trace_is_dry_run()) && bind_pin(pin, ns, target, pid) == 0)
		return 0;
	pin_failure(pin, f);
	mnt_drop_pin(pin);
	return -1;
}

void mnt_release_pin(struct mnt_pin *pin)
{
	close_fd(&pin->mount);
	close_fd(&pin->dir);
}

void mnt_drop_pin(struct mnt_pin *pin)
{
	const char *name = pin->dir >= 0 ? file_base_name(pin->file) : pin->file;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", pin->mount);
	if (pin->mounted && trace_call("umount2(\"%s\", MNT_DETACH)", pin->file))
		trace_result(umount2(pin->mount >= 0 ? path : pin->file, MNT_DETACH));
	if (pin->created && trace_call("unlink(\"%s\")", pin->file))
		trace_result(unlinkat(pin->dir >= 0 ? pin->dir : AT_FDCWD, name, 0));
	pin->mounted = pin->created = false;
	mnt_release_pin(pin);
}
