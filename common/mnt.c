/*
 * mnt.c - mount operations: propagation, proc, binfmt_misc, and namespaces kept at files
 *
 * SPDX-License-Identifier: MIT
 */
#include "mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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

/* What a superblock of proc must be mounted with so that the kernel lets a user namespace. */
struct proc_flags {
	unsigned attr;    /* MOUNT_ATTR_*, for fsmount() */
	unsigned long ms; /* MS_*, for mount(2) */
	char text[128];
};

static struct proc_flags proc_flags(bool read_only, bool no_atime)
{
	struct proc_flags flags = {
		.attr = KERNEL_ATTR_NOSUID | KERNEL_ATTR_NODEV | KERNEL_ATTR_NOEXEC |
			(read_only ? KERNEL_ATTR_RDONLY : 0) | (no_atime ? KERNEL_ATTR_NOATIME : 0),
		.ms = MS_NOSUID | MS_NODEV | MS_NOEXEC | (read_only ? MS_RDONLY : 0) |
		      (no_atime ? MS_NOATIME : 0),
	};

	snprintf(flags.text, sizeof(flags.text),
		 "MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC%s%s",
		 read_only ? "|MOUNT_ATTR_RDONLY" : "", no_atime ? "|MOUNT_ATTR_NOATIME" : "");
	return flags;
}

static int mount_proc_old_way(const char *dir, const struct proc_flags *flags)
{
	if (!trace_call("mount(\"proc\", \"%s\", \"proc\", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)",
			dir))
		return 0;
	return (int)trace_result(mount("proc", dir, "proc", flags->ms, NULL));
}

/* A context for a proc of our own PID namespace; -1 with errno. */
static int open_proc_context(void)
{
	autofd context = -1;

	if (trace_call("fsopen(\"proc\", FSOPEN_CLOEXEC)"))
		context = (int)trace_result(
			syscall(KERNEL_SYS_fsopen, "proc", KERNEL_FSOPEN_CLOEXEC));
	if (context < 0 && !trace_is_dry_run())
		return -1;
	if (trace_call("fsconfig(%s, FSCONFIG_SET_STRING, \"source\", \"proc\", 0)",
		       trace_number(context, "FD")) &&
	    trace_result(syscall(KERNEL_SYS_fsconfig, context, KERNEL_FSCONFIG_SET_STRING, "source",
				 "proc", 0)) != 0)
		return -1;
	return take_fd(&context);
}

static int attach_proc(int context, const char *dir, int target, const struct proc_flags *flags)
{
	autofd mounted = -1;

	if (trace_call("fsmount(%s, FSMOUNT_CLOEXEC, %s)", trace_number(context, "FD"),
		       flags->text))
		mounted = (int)trace_result(
			syscall(KERNEL_SYS_fsmount, context, KERNEL_FSMOUNT_CLOEXEC, flags->attr));
	if (mounted < 0 && !trace_is_dry_run())
		return -1;
	if (!trace_call("move_mount(%s, \"\", AT_FDCWD, \"%s\", MOVE_MOUNT_F_EMPTY_PATH)",
			trace_number(mounted, "FD"), dir))
		return 0;
	return (int)trace_result(syscall(KERNEL_SYS_move_mount, mounted, "", target, "",
					 KERNEL_MOVE_F_EMPTY_PATH | KERNEL_MOVE_T_EMPTY_PATH));
}

static int mount_proc_new_way(int context, const char *dir, int target)
{
	struct proc_flags flags = proc_flags(false, false);
	struct statvfs visible;

	if (trace_call("fsconfig(%s, FSCONFIG_CMD_CREATE, NULL, NULL, 0)",
		       trace_number(context, "FD")) &&
	    trace_result(syscall(KERNEL_SYS_fsconfig, context, KERNEL_FSCONFIG_CREATE, NULL, NULL,
				 0)) != 0)
		return -1;
	if (attach_proc(context, dir, target, &flags) == 0)
		return 0;
	if (errno != EPERM)
		return -1;
	if (statvfs("/proc", &visible) != 0 || (visible.f_flag & (ST_RDONLY | ST_NOATIME)) == 0) {
		errno = EPERM;
		return -1;
	}
	flags = proc_flags((visible.f_flag & ST_RDONLY) != 0, (visible.f_flag & ST_NOATIME) != 0);
	return attach_proc(context, dir, target, &flags);
}

int mnt_mount_proc(const char *dir, bool private_first, struct failure *f)
{
	const struct proc_flags plain = proc_flags(false, false);
	autofd target = -1, context = -1;
	int result;

	/* EINVAL: not a mount point, so there is nothing to be made private. */
	if (private_first && change_propagation(dir, MNT_PRIVATE) != 0 && errno != EINVAL)
		return failure_errno(f, "make private the mount at", dir);
	target = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0)
		return failure_errno(f, "mount proc on", dir);
	context = open_proc_context();
	if (context < 0 && !trace_is_dry_run() && (errno == ENOSYS || errno == EPERM))
		result = mount_proc_old_way(dir, &plain);
	else if (context < 0 && !trace_is_dry_run())
		result = -1;
	else
		result = mount_proc_new_way(context, dir, target);
	return result == 0 ? 0 : failure_errno(f, "mount proc on", dir);
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

/* The last part of a path, which does not end in a slash. */
static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The file to mount on, as an O_PATH descriptor; created, if it is missing. */
static int open_pin_target(struct mnt_pin *pin)
{
	const char *name = base_name(pin->file);
	autofree char *copy = NULL;
	autofd dir = -1, made = -1;

	if (access(pin->file, F_OK) == 0 || errno != ENOENT)
		return open(pin->file, O_PATH | O_CLOEXEC);
	if (!trace_call("open(\"%s\", O_RDONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0444)", pin->file))
		return -1;
	copy = strdup(pin->file);
	if (copy != NULL)
		dir = open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);
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
	mounted = pin->dir >= 0 ? openat(pin->dir, base_name(pin->file), O_PATH | O_CLOEXEC)
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
	const char *name = pin->dir >= 0 ? base_name(pin->file) : pin->file;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", pin->mount);
	if (pin->mounted && trace_call("umount2(\"%s\", MNT_DETACH)", pin->file))
		trace_result(umount2(pin->mount >= 0 ? path : pin->file, MNT_DETACH));
	if (pin->created && trace_call("unlink(\"%s\")", pin->file))
		trace_result(unlinkat(pin->dir >= 0 ? pin->dir : AT_FDCWD, name, 0));
	pin->mounted = pin->created = false;
	mnt_release_pin(pin);
}
