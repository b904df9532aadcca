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
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "child.h"
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

bool mnt_root_is_mount_root(void)
{
	struct statx root;

	return statx(AT_FDCWD, "/", 0, 0, &root) != 0 ||
	       (root.stx_attributes_mask & KERNEL_STATX_ATTR_MOUNT_ROOT) == 0 ||
	       (root.stx_attributes & KERNEL_STATX_ATTR_MOUNT_ROOT) != 0;
}

/*
 * Below a chroot, where / is no mount: by the root of the mount namespace, which setns(2)
 * brings back, all mounts are reached, and that around / too, through which a mount below
 * / would reach others.
 */
static int change_propagation_around(enum mnt_propagation propagation)
{
	autofd own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	autofd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int result, error;

	if (own < 0 || root < 0 || back < 0)
		return -1;
	if (trace_call("setns(\"/proc/self/ns/mnt\", CLONE_NEWNS)") &&
	    trace_result(setns(own, CLONE_NEWNS)) != 0)
		return -1;
	result = change_propagation("/", propagation);
	error = errno;
	if (trace_call("fchdir(%s)", trace_number(root, "FD")) && trace_result(fchdir(root)) != 0)
		return -1;
	if (trace_call("chroot(\".\")") && trace_result(chroot(".")) != 0)
		return -1;
	if (trace_call("fchdir(%s)", trace_number(back, "FD")) && trace_result(fchdir(back)) != 0)
		return -1;
	errno = error;
	return result;
}

int mnt_set_propagation(enum mnt_propagation propagation, struct failure *f)
{
	if (propagation == MNT_UNCHANGED ||
	    (mnt_root_is_mount_root() ? change_propagation("/", propagation)
				      : change_propagation_around(propagation)) == 0)
		return 0;
	return failure_errno(f, "change the propagation of mounts below", "/");
}

const struct mnt_pseudo mnt_proc = { "proc", CLONE_NEWPID, "/proc", "mount proc on" };
const struct mnt_pseudo mnt_sys = { "sysfs", CLONE_NEWNET, "/sys", "mount sysfs on" };

static unsigned mount_attributes(const struct mnt_options *options)
{
	return KERNEL_ATTR_NOSUID | KERNEL_ATTR_NODEV | KERNEL_ATTR_NOEXEC |
	       (options->read_only ? KERNEL_ATTR_RDONLY : 0) |
	       (options->no_atime ? KERNEL_ATTR_NOATIME : 0) |
	       (options->no_diratime ? KERNEL_ATTR_NODIRATIME : 0) |
	       (options->strict_atime ? KERNEL_ATTR_STRICTATIME : 0);
}

/* The names of those attributes, or with "MS_" those of mount(2)'s flags. */
static const char *attribute_names(const struct mnt_options *options, const char *prefix,
				   char *text, size_t size)
{
	const struct {
		bool is_set;
		const char *name;
	} names[] = {
		{ true, "NOSUID" },
		{ true, "NODEV" },
		{ true, "NOEXEC" },
		{ options->read_only, "RDONLY" },
		{ options->no_atime, "NOATIME" },
		{ options->no_diratime, "NODIRATIME" },
		{ options->strict_atime, "STRICTATIME" },
	};

	for (size_t i = 0, used = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].is_set)
			used += (size_t)snprintf(text + used, size - used, "%s%s%s",
						 used > 0 ? "|" : "", prefix, names[i].name);
	return text;
}

/* What the context says of a failure: "e proc: unknown value of hidepid - 9" (fsopen(2)). */
static bool read_log(int context, char *text, size_t size)
{
	int saved = errno;
	ssize_t n = context < 0 ? -1 : read(context, text, size - 1);

	errno = saved;
	if (n <= 2)
		return false;
	text[n - (text[n - 1] == '\n')] = '\0';
	memmove(text, text + 2, strlen(text + 2) + 1);
	return true;
}

static int set_option(int context, const struct mnt_option *option, struct failure *f)
{
	char text[sizeof(option->name) + sizeof(option->value)], log[256], *reason;
	int command = option->has_value ? KERNEL_FSCONFIG_SET_STRING : KERNEL_FSCONFIG_SET_FLAG;

	if (!trace_call("fsconfig(%s, FSCONFIG_SET_%s, \"%s\", %s%s%s, 0)",
			trace_number(context, "FD"), option->has_value ? "STRING" : "FLAG",
			option->name, option->has_value ? "\"" : "",
			option->has_value ? option->value : "NULL",
			option->has_value ? "\"" : "") ||
	    trace_result(syscall(KERNEL_SYS_fsconfig, context, command, option->name,
				 option->has_value ? option->value : NULL, 0)) == 0)
		return 0;
	snprintf(text, sizeof(text), "%s%s%s", option->name, option->has_value ? "=" : "",
		 option->value);
	reason = strerror(errno);
	if (read_log(context, log, sizeof(log)))
		reason = log;
	return failure_option(f, text, "%s", reason);
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
static int mount_context(int context, const struct mnt_options *options)
{
	char names[256];

	if (!trace_call("fsmount(%s, FSMOUNT_CLOEXEC, %s)", trace_number(context, "FD"),
			attribute_names(options, "MOUNT_ATTR_", names, sizeof(names))))
		return -1;
	return (int)trace_result(syscall(KERNEL_SYS_fsmount, context, KERNEL_FSMOUNT_CLOEXEC,
					 mount_attributes(options)));
}

/* Adds the flags that the kernel may demand in a user namespace; false: there are none. */
static bool add_visible(const struct mnt_pseudo *fs, struct mnt_options *options)
{
	bool read_only = options->read_only, no_atime = options->no_atime;
	struct statvfs visible;

	if (statvfs(fs->usual, &visible) == 0) {
		options->read_only |= (visible.f_flag & ST_RDONLY) != 0;
		options->no_atime |= (visible.f_flag & ST_NOATIME) != 0 && !options->strict_atime;
	}
	return options->read_only != read_only || options->no_atime != no_atime;
}

static int create_context(int context, const struct mnt_options *options, struct failure *f)
{
	for (size_t i = 0; i < options->count; i++)
		if (set_option(context, &options->option[i], f) != 0)
			return 1;
	if (!trace_call("fsconfig(%s, FSCONFIG_CMD_CREATE, NULL, NULL, 0)",
			trace_number(context, "FD")))
		return 0;
	return (int)trace_result(
		syscall(KERNEL_SYS_fsconfig, context, KERNEL_FSCONFIG_CREATE, NULL, NULL, 0));
}

static int make_mount(const struct mnt_pseudo *fs, const struct mnt_options *asked, int context)
{
	struct mnt_options options = *asked;
	int mounted = mount_context(context, &options);

	if (mounted >= 0 || trace_is_dry_run() || errno != EPERM)
		return mounted;
	if (add_visible(fs, &options))
		return mount_context(context, &options);
	errno = EPERM;
	return -1;
}

static const struct mnt_options no_options;

/* A filter is told from the kernel by what the context says, or does not. */
static int cannot_make(const struct mnt_pseudo *fs, int context, bool created, bool wants_log,
		       const char *dir, struct failure *f)
{
	int error = errno;
	char log[256];
	bool logged = read_log(context, log, sizeof(log));

	if (error == ENOSYS || (error == EPERM && created && !logged))
		return 0;
	errno = error;
	failure_errno(f, fs->verb, dir);
	if (logged && wants_log)
		snprintf(f->reason, sizeof(f->reason), "%s (%s)", strerror(error), log);
	return -1;
}

int mnt_make(const struct mnt_pseudo *fs, const struct mnt_options *options, const char *dir,
	     int *mounted, struct failure *f)
{
	const struct mnt_options *how = options != NULL ? options : &no_options;
	autofd context = open_context(fs);
	int created;

	*mounted = -1;
	if (context < 0 && !trace_is_dry_run())
		return errno == ENOSYS || errno == EPERM ? 0 : failure_errno(f, fs->verb, dir);
	created = create_context(context, how, f);
	if (created > 0)
		return -1;
	if (created == 0)
		*mounted = make_mount(fs, how, context);
	if (*mounted >= 0 || trace_is_dry_run())
		return 0;
	return cannot_make(fs, context, created == 0, options != NULL, dir, f);
}

/* "hidepid=2,subset=pid", as mount(2) takes it; NULL: nothing. */
static const char *option_text(const struct mnt_options *options, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < options->count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s%s%s", i > 0 ? "," : "",
					 options->option[i].name,
					 options->option[i].has_value ? "=" : "",
					 options->option[i].value);
	return options->count > 0 ? text : NULL;
}

static int mount_as(const struct mnt_pseudo *fs, const struct mnt_options *options,
		    const char *path, const char *name)
{
	char names[256], text[MNT_OPTIONS * sizeof(struct mnt_option)];
	const char *data = option_text(options, text, sizeof(text));

	if (!trace_call("mount(\"%s\", \"%s\", \"%s\", %s, %s%s%s)", fs->type, name, fs->type,
			attribute_names(options, "MS_", names, sizeof(names)),
			data != NULL ? "\"" : "", data != NULL ? data : "NULL",
			data != NULL ? "\"" : ""))
		return 0;
	return (int)trace_result(mount(fs->type, path, fs->type,
				       MS_NOSUID | MS_NODEV | MS_NOEXEC |
					       (options->read_only ? MS_RDONLY : 0) |
					       (options->no_atime ? MS_NOATIME : 0) |
					       (options->no_diratime ? MS_NODIRATIME : 0) |
					       (options->strict_atime ? MS_STRICTATIME : 0),
				       data));
}

static int mount_old_way(const struct mnt_pseudo *fs, const struct mnt_options *asked,
			 const char *path, const char *name)
{
	struct mnt_options options = *asked;
	int result = mount_as(fs, &options, path, name);

	if (result == 0 || errno != EPERM)
		return result;
	if (add_visible(fs, &options))
		return mount_as(fs, &options, path, name);
	errno = EPERM;
	return -1;
}

static int move_mount_on(int mounted, int at, const char *name)
{
	if (!trace_call("move_mount(%s, \"\", AT_FDCWD, \"%s\", MOVE_MOUNT_F_EMPTY_PATH)",
			trace_number(mounted, "FD"), name))
		return 0;
	return (int)trace_result(syscall(KERNEL_SYS_move_mount, mounted, "", at, "",
					 KERNEL_MOVE_F_EMPTY_PATH | KERNEL_MOVE_T_EMPTY_PATH));
}

/*
 * The old calls take paths, and the directory has none that is sure: so as "." of a
 * working directory that is given back.  Returns one to go back to, or -1 with errno.
 */
static int enter_directory(int at)
{
	autofd back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return back >= 0 && fchdir(at) == 0 ? take_fd(&back) : -1;
}

static int leave_directory(int back, int result)
{
	int saved = errno;

	if (fchdir(back) != 0)
		return -1;
	errno = saved;
	return result;
}

int mnt_attach_to(const struct mnt_pseudo *fs, const struct mnt_options *options, int mounted,
		  int at, const char *name, struct failure *f)
{
	autofd back = -1;

	if ((mounted >= 0 || trace_is_dry_run()) && move_mount_on(mounted, at, name) == 0)
		return 0;
	if (mounted >= 0 && errno != ENOSYS && errno != EPERM)
		return failure_errno(f, fs->verb, name);
	back = enter_directory(at);
	if (back >= 0 && leave_directory(back, mount_old_way(fs, options, ".", name)) == 0)
		return 0;
	return failure_errno(f, fs->verb, name);
}

/* One step down from dir: an O_PATH descriptor, or -1 with errno, ELOOP for a link. */
static int step_down(int dir, const char *name)
{
	autofd fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		return take_fd(&fd);
	errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	return -1;
}

/* Through no link at all, and never up from root, if that is not -1. */
static int walk_down(int root, const char *path)
{
	autofree char *copy = strdup(path);
	autofd fd = root >= 0 ? fcntl(root, F_DUPFD_CLOEXEC, 0)
			      : open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *save = NULL, *name;

	if (copy == NULL || path[0] == '\0') {
		errno = copy == NULL ? ENOMEM : ENOENT;
		return -1;
	}
	for (name = strtok_r(copy, "/", &save); name != NULL && fd >= 0;
	     name = strtok_r(NULL, "/", &save)) {
		int next = -1;

		errno = ELOOP;
		if (root < 0 || strcmp(name, "..") != 0)
			next = step_down(fd, name);
		close_fd(&fd);
		fd = next;
	}
	return take_fd(&fd);
}

int mnt_open_directory(int root, const char *path, const char *verb, struct failure *f)
{
	int fd = kernel_open_path(root >= 0 ? root : AT_FDCWD, path, O_DIRECTORY,
				  KERNEL_RESOLVE_NO_MAGICLINKS |
					  (root >= 0 ? KERNEL_RESOLVE_IN_ROOT : 0));
	bool is_missing = fd < 0 && (errno == ENOSYS || errno == EPERM);

	if (is_missing)
		fd = walk_down(root, path);
	if (fd >= 0)
		return fd;
	if (errno == ELOOP && is_missing)
		return failure_reason(f, verb, path,
				      "it leads through a link, and none is followed without "
				      "openat2(2), which this kernel or a filter refuses");
	if (errno == ELOOP)
		return failure_reason(f, verb, path,
				      "it leads through a link of /proc, or in a circle of links");
	return failure_errno(f, verb, path);
}

enum { ALONE = 0, WITH_MOUNTS_BELOW = KERNEL_AT_RECURSIVE };

/* A mount of its own of the directory; -1 with errno or in a dry run. */
static int copy_mount(int at, const char *name, unsigned how)
{
	if (!trace_call("open_tree(AT_FDCWD, \"%s\", "
			"OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|%sAT_EMPTY_PATH)",
			name, how == WITH_MOUNTS_BELOW ? "AT_RECURSIVE|" : ""))
		return -1;
	return (int)trace_result(syscall(KERNEL_SYS_open_tree, at, "",
					 KERNEL_OPEN_TREE_CLONE | O_CLOEXEC | how | AT_EMPTY_PATH));
}

/* The directory itself, by the root of that mount: nothing that is mounted there is between. */
static int set_private(int at, const char *name)
{
	struct {
		unsigned long long set, clear, propagation, userns;
	} how = { .propagation = MS_PRIVATE };
	autofd back = -1;

	if (!trace_call("mount_setattr(AT_FDCWD, \"%s\", AT_EMPTY_PATH, {propagation=MS_PRIVATE})",
			name) ||
	    trace_result(syscall(KERNEL_SYS_mount_setattr, at, "", AT_EMPTY_PATH, &how,
				 sizeof(how))) == 0)
		return 0;
	if (errno != ENOSYS && errno != EPERM)
		return -1;
	back = enter_directory(at);
	if (back < 0 || !trace_call("mount(\"none\", \"%s\", NULL, MS_PRIVATE, NULL)", name))
		return back < 0 ? -1 : leave_directory(back, 0);
	return leave_directory(back, (int)trace_result(mount("none", ".", NULL, MS_PRIVATE, NULL)));
}

static const char private_verb[] = "make private the mount at";

int mnt_attach(const struct mnt_pseudo *fs, int mounted, const char *dir, bool private_first,
	       struct failure *f)
{
	autofd at = trace_is_dry_run() ? -1 : open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (at < 0 && !trace_is_dry_run())
		return failure_errno(f, fs->verb, dir);
	/* EINVAL: not a mount point, so there is nothing to be made private. */
	if (private_first && set_private(at, dir) != 0 && errno != EINVAL)
		return failure_errno(f, private_verb, dir);
	return mnt_attach_to(fs, &no_options, mounted, at, dir, f);
}

/* Is the directory that is open as fd the root of a mount? */
static bool is_mount_root(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH, 0, &st) == 0 &&
	       (st.stx_attributes & KERNEL_STATX_ATTR_MOUNT_ROOT) != 0;
}

int mnt_make_private(int at, bool shared, const char *name, int *on, struct failure *f)
{
	autofd copy = -1;

	*on = at;
	if (is_mount_root(at))
		return set_private(at, name) == 0 ? 0 : failure_errno(f, private_verb, name);
	if (!shared)
		return 0;
	copy = copy_mount(at, name, ALONE);
	/* In a user namespace what is mounted below may not be uncovered. */
	if (copy < 0 && !trace_is_dry_run() && errno == EINVAL)
		copy = copy_mount(at, name, WITH_MOUNTS_BELOW);
	if ((copy < 0 && !trace_is_dry_run()) || move_mount_on(copy, at, name) != 0)
		return failure_errno(f, "bind on itself", name);
	if (set_private(copy, name) != 0) {
		failure_errno(f, private_verb, name);
		mnt_detach_from(at, name);
		return -1;
	}
	if (copy >= 0)
		*on = take_fd(&copy);
	return 1;
}

/* What was mounted last on the working directory. */
static int detach_here(const char *name)
{
	if (!trace_call("umount2(\"%s\", MNT_DETACH)", name))
		return 0;
	return (int)trace_result(umount2(".", MNT_DETACH));
}

/* From a copy of the mount namespace, in which the working directory is the same place. */
static int detach_copies(const char *name)
{
	if (trace_call("unshare(CLONE_NEWNS)") && trace_result(unshare(CLONE_NEWNS)) != 0)
		return -1;
	return detach_here(name) == 0 ? detach_here(name) : -1;
}

int mnt_hide_bind(int at, const char *name)
{
	struct sigaction by_default = { .sa_handler = SIG_DFL }, before;
	const char *role = trace_role("child");
	int status = 0;
	pid_t pid;

	if (trace_is_dry_run()) {
		detach_copies(name);
		trace_role(role);
		return 0;
	}
	/* Ignored, it would take the status away. */
	sigaction(SIGCHLD, &by_default, &before);
	pid = fork();
	if (pid == 0)
		_exit(fchdir(at) != 0 || detach_copies(name) != 0);
	trace_role(role);
	if (pid > 0)
		status = child_reap(pid);
	sigaction(SIGCHLD, &before, NULL);
	return pid > 0 && status == 0 ? 0 : -1;
}

int mnt_bind_to(int from, const char *path, int at, const char *name, struct failure *f)
{
	autofd copy = copy_mount(from, path, WITH_MOUNTS_BELOW);

	if ((copy >= 0 || trace_is_dry_run()) && move_mount_on(copy, at, name) == 0)
		return 0;
	return failure_errno(f, "bind /proc on", name);
}

int mnt_detach_from(int at, const char *name)
{
	autofd back = trace_is_dry_run() ? -1 : enter_directory(at);

	if (back < 0 && !trace_is_dry_run())
		return -1;
	return trace_is_dry_run() ? detach_here(name) : leave_directory(back, detach_here(name));
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
	autofd at = trace_is_dry_run() ? -1 : open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if ((at >= 0 || trace_is_dry_run()) && move_mount_on(tree, at, path) == 0)
		return 0;
	return failure_errno(f, "mount again what was on", path);
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

int mnt_change_directory_to(int fd, const char *dir, struct failure *f)
{
	if (!trace_call("fchdir(%s)", trace_number(fd, "FD")) || trace_result(fchdir(fd)) == 0)
		return 0;
	return failure_errno(f, "change directory to", dir);
}

int mnt_change_directory_inside(const char *dir, struct failure *f)
{
	autofd fd = -1;

	if (!trace_call("chdir(\"%s\")", dir))
		return 0;
	fd = kernel_open_path(AT_FDCWD, dir, O_DIRECTORY, KERNEL_RESOLVE_NO_MAGICLINKS);
	if (trace_result(fd < 0 ? -1 : fchdir(fd)) == 0)
		return 0;
	return failure_errno(f, "change directory to", dir);
}

int mnt_change_root_to(int fd, const char *dir, struct failure *f)
{
	if (mnt_change_directory_to(fd, dir, f) != 0)
		return -1;
	return mnt_change_root(".", f);
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
	if (mounted < 0 || !file_is_same(ns, mounted)) {
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
		if (file_is_same(ns, own))
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
