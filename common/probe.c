/*
 * probe.c - what can be found out, and tried in a child, about why something is refused
 *
 * SPDX-License-Identifier: MIT
 */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "mnt.h"
#include "num.h"
#include "pidfd.h"

int probe_try(int (*attempt)(const void *what), const void *what)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(attempt(what) == 0 ? 0 : errno & 0xFF);
	if (child < 0)
		return -1;
	status = child_reap(child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : PROBE_KILLED;
}

static int create(const void *flags)
{
	return unshare(*(const int *)flags);
}

int probe_unshare(int flags)
{
	return probe_try(create, &flags);
}

const struct nstype *probe_missing_type(int flags)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((flags & nstypes[i].flag) != 0 && !nstype_exists(&nstypes[i]))
			return &nstypes[i];
	return NULL;
}

/* One line, without its end. */
static bool read_line(const char *path, char *text, size_t size)
{
	ssize_t length = file_read(AT_FDCWD, path, text, size);

	if (length <= 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return true;
}

const struct nstype *probe_forbidden_type(int flags)
{
	char path[64], text[32];

	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		snprintf(path, sizeof(path), "/proc/sys/user/%s", nstypes[i].limit);
		if ((flags & nstypes[i].flag) != 0 && read_line(path, text, sizeof(text)) &&
		    strcmp(text, "0") == 0)
			return &nstypes[i];
	}
	return NULL;
}

bool probe_has_filter(void)
{
	char text[4096];

	return file_read(AT_FDCWD, "/proc/self/status", text, sizeof(text)) > 0 &&
	       strstr(text, "\nSeccomp:\t2\n") != NULL;
}

/*
 * CLONE_PARENT is nothing that can be unshared, and the kernel says so first, by EINVAL:
 * whatever else comes of it, comes from a filter.
 */
int probe_filtered_types(int flags)
{
	int filtered = 0;

	if (!probe_has_filter())
		return 0;
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((flags & nstypes[i].flag) != 0) {
			int error = probe_unshare(nstypes[i].flag | CLONE_PARENT);

			filtered |= error > 0 && error != EINVAL ? nstypes[i].flag : 0;
		}
	return filtered;
}

bool probe_is_initial_user(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 &&
	       st.st_ino == nstype_by_flag(CLONE_NEWUSER)->initial;
}

bool probe_number(const char *name, uint64_t *number)
{
	char path[PATH_MAX], text[32];

	snprintf(path, sizeof(path), PROBE_PROC "/%s", name);
	return read_line(path, text, sizeof(text)) && num_parse(text, UINT64_MAX, number);
}

static int make_proc(const void *unused)
{
	autofd context = (int)syscall(KERNEL_SYS_fsopen, "proc", KERNEL_FSOPEN_CLOEXEC);
	autofd mounted = -1;

	(void)unused;
	if (syscall(KERNEL_SYS_fsconfig, context, KERNEL_FSCONFIG_CREATE, NULL, NULL, 0) != 0)
		return -1;
	mounted = (int)syscall(KERNEL_SYS_fsmount, context, KERNEL_FSMOUNT_CLOEXEC, 0);
	return mounted < 0 ? -1 : 0;
}

bool probe_can_make_proc(void)
{
	return probe_try(make_proc, NULL) == 0;
}

bool probe_label(char *label, size_t size)
{
	return read_line(PROBE_PROC "/self/attr/current", label, size);
}

bool probe_is_confined(void)
{
	static const char profile[] = "unprivileged_userns";
	char label[256];
	uint64_t restricts;

	return probe_number("sys/kernel/apparmor_restrict_unprivileged_userns", &restricts) &&
	       restricts != 0 && probe_label(label, sizeof(label)) &&
	       strncmp(label, profile, strlen(profile)) == 0;
}

/* Joining the mount namespace brings its root back (setns(2)). */
static int create_elsewhere(const void *flags)
{
	autofd own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	return setns(own, CLONE_NEWNS) == 0 ? create(flags) : -1;
}

bool probe_is_chrooted(void)
{
	const int flags = CLONE_NEWUSER;

	return !mnt_root_is_mount_root() ||
	       (probe_unshare(flags) == EPERM && probe_try(create_elsewhere, &flags) == 0);
}

bool probe_children_are_elsewhere(void)
{
	const struct nstype *type = nstype_by_flag(CLONE_NEWPID);
	char path[64];
	struct stat own, next;

	snprintf(path, sizeof(path), "/proc/self/%s", type->link);
	if (stat(path, &own) != 0)
		return false;
	snprintf(path, sizeof(path), "/proc/self/%s", type->new_link);
	/* One without a first process cannot be opened yet. */
	return stat(path, &next) == 0 ? own.st_ino != next.st_ino : errno == ENOENT;
}

bool probe_is_in_ours(int pid_ns)
{
	const struct nstype *type = nstype_by_flag(CLONE_NEWPID);
	autofd ns = fcntl(pid_ns, F_DUPFD_CLOEXEC, 0);

	while (ns >= 0 && !nstype_is_own(type, ns)) {
		int parent = ioctl(ns, KERNEL_NS_GET_PARENT);

		close_fd(&ns);
		ns = parent;
	}
	return ns >= 0;
}

bool probe_is_dead(int pid_ns)
{
	int init = ioctl(pid_ns, KERNEL_NS_GET_PID_FROM_PIDNS, 1);
	autofd pidfd = -1;

	/* To those outside of it no process of it has a PID. */
	if (init <= 0)
		return init < 0 && errno == ESRCH && probe_is_in_ours(pid_ns);
	/* A zombie has one still. */
	pidfd = (int)syscall(KERNEL_SYS_pidfd_open, init, 0);
	return pidfd >= 0 && pidfd_has_ended(pidfd);
}

/* A blank and its like are \\040 there (proc(5)). */
static void copy_unescaped(char *out, const char *text)
{
	char *end = out + PATH_MAX - 1;

	for (; *text != '\0' && out < end; text++, out++) {
		*out = *text;
		if (text[0] != '\\' || strspn(text + 1, "01234567") < 3)
			continue;
		*out = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
		text += 3;
	}
	*out = '\0';
}

bool probe_next_mount(FILE *mountinfo, char out[PATH_MAX], bool *shared)
{
	autofree char *line = NULL;
	char *save = NULL, *word;
	size_t size = 0;

	if (mountinfo == NULL || getline(&line, &size, mountinfo) <= 0)
		return false;
	word = strtok_r(line, " ", &save);
	for (int field = 1; word != NULL && field < 5; field++)
		word = strtok_r(NULL, " ", &save);
	copy_unescaped(out, word != NULL ? word : "");
	*shared = word != NULL && strstr(save, "shared:") != NULL;
	return true;
}

size_t probe_count_mounts(void)
{
	autofile *file = fopen("/proc/self/mountinfo", "re");
	char ignored[PATH_MAX];
	size_t count = 0;
	bool shared;

	while (probe_next_mount(file, ignored, &shared))
		count++;
	return count;
}

bool probe_is_below(const char *path, const char *dir)
{
	size_t length = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	return strncmp(path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool probe_is_place_for_mounts(const char *path)
{
	static const char *const places[] = {
		"/proc/fs/nfsd",        "/proc/sys/fs/binfmt_misc", "/sys/firmware/efi/efivars",
		"/sys/fs/bpf",          "/sys/fs/cgroup",           "/sys/fs/fuse/connections",
		"/sys/fs/pstore",       "/sys/fs/resctrl",          "/sys/fs/selinux",
		"/sys/fs/smackfs",      "/sys/kernel/config",       "/sys/kernel/debug",
		"/sys/kernel/security", "/sys/kernel/tracing",
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (probe_is_below(path, places[i]))
			return true;
	return false;
}

unsigned long long probe_mount_namespace_id(int proc)
{
	autofd fd = openat(proc, proc < 0 ? "/proc/self/ns/mnt" : "ns/mnt", O_RDONLY | O_CLOEXEC);
	unsigned long long id = 0;

	return fd >= 0 && ioctl(fd, KERNEL_NS_GET_MNTNS_ID, &id) == 0 ? id : 0;
}
