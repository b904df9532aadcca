/*
 * nsref.c - the references to processes and namespaces that all tools take
 *
 * SPDX-License-Identifier: MIT
 */
#include "nsref.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "container.h"
#include "kernel.h"
#include "num.h"
#include "pidfd.h"
#include "pinned.h"
#include "procfs.h"

enum {
	PID_MOST = 4194304, /* PID_MAX_LIMIT of the kernel's include/linux/threads.h */
};

/* Inodes of namespaces are from here on: PROC_DYNAMIC_FIRST less the initial ones. */
static const uint64_t inode_first = 4026531832, inode_last = UINT32_MAX;

static const char netns_dir[] = "/run/netns";

static const char verb[] = "understand";

int nsref_parse_pid(const char *text, struct nsref *ref, struct failure *f)
{
	const char *colon = strchr(text, ':');
	autofree char *digits =
		strndup(text, colon != NULL ? (size_t)(colon - text) : strlen(text));
	uint64_t pid;

	*ref = (struct nsref){ .text = text, .kind = NSREF_PROCESS };
	if (digits == NULL)
		return failure_errno(f, verb, text);
	if (!num_parse(digits, PID_MOST, &pid) || pid == 0)
		return failure_reason(f, verb, text, "not a process ID");
	ref->pid = (pid_t)pid;
	if (colon != NULL &&
	    (!num_parse(colon + 1, UINT64_MAX, &ref->pidfd_inode) || ref->pidfd_inode == 0))
		return failure_reason(f, verb, text, "'%s' is not the inode of a pidfd", colon + 1);
	return 0;
}

/* A number without more: it tells by its range what it is. */
static int parse_number(const char *text, struct nsref *ref, struct failure *f)
{
	uint64_t n;

	if (!num_parse(text, UINT64_MAX, &n) || n == 0 || n > inode_last ||
	    (n > PID_MOST && n < inode_first))
		return failure_reason(f, verb, text,
				      "neither a process ID (1 to %d) nor the inode of a "
				      "namespace (from %ju on)",
				      PID_MOST, (uintmax_t)inode_first);
	if (n <= PID_MOST)
		return nsref_parse_pid(text, ref, f);
	ref->kind = NSREF_INODE;
	ref->inode = n;
	return 0;
}

/* "net:[N]" or "net:N" */
static int parse_typed(const char *text, const struct nstype *type, struct nsref *ref,
		       struct failure *f)
{
	const char *number = strchr(text, ':') + 1;
	uint64_t n;

	ref->kind = NSREF_INODE;
	if (procfs_parse_link(text, &ref->type, &ref->inode))
		return 0;
	ref->type = type;
	if (!num_parse(number, UINT64_MAX, &n) || n < inode_first || n > inode_last)
		return failure_reason(f, verb, text, "'%s' is not the inode of a namespace",
				      number);
	ref->inode = n;
	return 0;
}

static int parse_name(const char *text, struct nsref *ref, struct failure *f)
{
	struct pinned set;
	char *file;

	if (strcmp(text, "initial") == 0) {
		ref->kind = NSREF_INITIAL;
		return 0;
	}
	if (pinned_find(text, &set)) {
		ref->kind = NSREF_PROCESS;
		ref->pid = set.pid;
		ref->pidfd_inode = set.inode;
		return 0;
	}
	if (asprintf(&file, "%s/%s", netns_dir, text) < 0)
		return failure_errno(f, verb, text);
	ref->kind = NSREF_FILE;
	ref->file = file;
	return 0;
}

/* A process in it stands for it. */
static int parse_container(const char *text, struct nsref *ref, struct failure *f)
{
	const char *digits = strchr(text, ':') + 1;
	size_t length = strlen(digits);

	if (length < CONTAINER_ID_LEAST || length > CONTAINER_ID_DIGITS ||
	    strspn(digits, "0123456789abcdef") != length)
		return failure_reason(
			f, verb, text,
			"a container is named by %d to %d hexadecimal digits of its ID",
			CONTAINER_ID_LEAST, CONTAINER_ID_DIGITS);
	ref->kind = NSREF_PROCESS;
	ref->container = digits;
	return container_find_process(digits, &ref->pid, f);
}

int nsref_parse(const char *text, struct nsref *ref, struct failure *f)
{
	size_t name = strcspn(text, ":");
	const struct nstype *type = nstype_by_name(text, name);

	*ref = (struct nsref){ .text = text };
	if (strchr(text, '/') != NULL) {
		ref->kind = NSREF_FILE;
		return 0;
	}
	if (strncmp(text, "container:", strlen("container:")) == 0)
		return parse_container(text, ref, f);
	if (text[0] == ':') {
		ref->kind = NSREF_ID;
		return num_parse(text + 1, UINT64_MAX, &ref->id) && ref->id > 0
			       ? 0
			       : failure_reason(f, verb, text, "not the ID of a namespace");
	}
	if (isdigit((unsigned char)text[0]))
		return text[name] == ':' ? nsref_parse_pid(text, ref, f)
					 : parse_number(text, ref, f);
	if (type != NULL && text[name] == ':')
		return parse_typed(text, type, ref, f);
	if (isalpha((unsigned char)text[0]) && text[name] == '\0')
		return parse_name(text, ref, f);
	return failure_reason(f, verb, text, "neither a process nor a namespace");
}

bool nsref_is_inode(const char *text)
{
	struct failure ignored;
	struct nsref ref;
	bool is_inode = nsref_parse(text, &ref, &ignored) == 0 && ref.kind == NSREF_INODE;

	nsref_free(&ref);
	return is_inode;
}

void nsref_free(struct nsref *ref)
{
	free((char *)ref->file);
	ref->file = NULL;
}

bool nsref_all_name_ns(const struct nsref *ref, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ref[i].kind == NSREF_PROCESS || ref[i].kind == NSREF_INITIAL)
			return false;
	return count > 0;
}

int nsref_needs(const struct nsref *ref)
{
	switch (ref->kind) {
	case NSREF_INODE:
		return CENSUS_MOUNTS | CENSUS_THREADS | CENSUS_FDS | CENSUS_RELATIONS |
		       CENSUS_KERNEL;
	case NSREF_ID:
		return CENSUS_IDS | CENSUS_MOUNTS | CENSUS_THREADS | CENSUS_FDS | CENSUS_RELATIONS |
		       CENSUS_KERNEL;
	case NSREF_PROCESS:
	case NSREF_FILE:
	case NSREF_INITIAL: return 0;
	}
	return 0;
}

static int check_pidfd(const struct nsref *ref, struct failure *f)
{
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, ref->pid, 0);
	uint64_t inode;

	if (pidfd < 0)
		return failure_errno(f, "find process", ref->text);
	if (pidfd_read_inode(pidfd, &inode) != 0)
		return failure_reason(f, "find process", ref->text,
				      "pidfds have no inodes before Linux 6.9");
	if (inode != ref->pidfd_inode)
		return failure_reason(f, "find process", ref->text,
				      "it has ended; process %d is another one now", ref->pid);
	return 0;
}

static int find_process(const struct nsref *ref, const struct census *census,
			struct nsref_target *target, struct failure *f)
{
	if (!census->own_proc)
		return failure_reason(f, "find process", ref->text,
				      "/proc is that of another PID namespace, where this PID "
				      "may be a stranger's");
	if (ref->pidfd_inode != 0 && check_pidfd(ref, f) != 0)
		return -1;
	target->process = census_find_process(census, ref->pid);
	if (target->process == NULL)
		return failure_reason(f, "find process", ref->text, "no such process");
	return 0;
}

/* "/proc/PID/fd/N" of a socket cannot be opened, but tells its network namespace. */
static int open_socket(const char *file, bool own_proc)
{
	autofree char *copy = strdup(file);
	char *part[5] = { 0 }, *end = NULL, *at = copy;
	int pid, number;

	for (size_t i = 0; i < 5 && (part[i] = strtok_r(at, "/", &end)) != NULL; i++)
		at = NULL;
	errno = ENXIO;
	if (part[3] == NULL || part[4] != NULL || strcmp(part[0], "proc") != 0 ||
	    strcmp(part[2], "fd") != 0 || !procfs_parse_number(part[1], &pid) ||
	    !procfs_parse_number(part[3], &number) || !own_proc)
		return -1;
	return census_open_socket_ns(pid, number);
}

/* It is known what it is before it is opened: a device may do something when it is. */
static int open_known(const char *file, bool own_proc, bool *is_ns)
{
	autofd found = open(file, O_PATH | O_CLOEXEC);
	struct statfs fs;
	char path[32];

	*is_ns = true;
	if (found < 0 || fstatfs(found, &fs) != 0)
		return -1;
	if (fs.f_type == KERNEL_SOCKFS_MAGIC)
		return open_socket(file, own_proc);
	*is_ns = fs.f_type == KERNEL_NSFS_MAGIC;
	if (!*is_ns)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", found);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int nsref_open_file(const struct nsref *ref, bool own_proc, struct failure *f)
{
	const char *file = ref->file != NULL ? ref->file : ref->text;
	bool is_ns;
	int fd = open_known(file, own_proc, &is_ns);

	if (!is_ns)
		return failure_reason(f, "use", file,
				      ref->file != NULL ? "no namespace is mounted there"
							: "it is not a namespace file");
	if (fd < 0 && errno == ENOENT && ref->file != NULL)
		return failure_reason(f, "find namespace", ref->text,
				      "there is no pinned set of that name, and no %s", file);
	return fd >= 0 ? fd : failure_errno(f, "open", file);
}

static int find_file(const struct nsref *ref, struct census *census, struct nsref_target *target,
		     struct failure *f)
{
	int fd = nsref_open_file(ref, census->own_proc, f);

	if (fd < 0)
		return -1;
	target->ns = census_add_fd(census, fd);
	return target->ns != NULL ? 0 : failure_errno(f, "use", ref->text);
}

static int find_ns(const struct nsref *ref, struct census *census, struct nsref_target *target,
		   struct failure *f)
{
	int fd = ref->kind == NSREF_ID ? census_open_ns_by_id(ref->id) : -1;

	if (fd >= 0)
		target->ns = census_add_fd(census, fd);
	if (ref->kind == NSREF_INODE)
		target->ns = census_find_ns(census, ref->type, ref->inode);
	for (size_t i = 0; target->ns == NULL && ref->kind == NSREF_ID && i < census->namespaces;
	     i++)
		if (census->ns[i]->id == ref->id)
			target->ns = census->ns[i];
	if (target->ns != NULL)
		return 0;
	return failure_reason(f, "find namespace", ref->text,
			      "looked at %zu processes, %sand what is mounted", census->processes,
			      census->saw_fds ? "their threads and open files, " : "");
}

int nsref_find(const struct nsref *ref, struct census *census, struct nsref_target *target,
	       struct failure *f)
{
	*target = (struct nsref_target){ .ref = ref, .initial = ref->kind == NSREF_INITIAL };
	switch (ref->kind) {
	case NSREF_PROCESS: return find_process(ref, census, target, f);
	case NSREF_FILE: return find_file(ref, census, target, f);
	case NSREF_INODE:
	case NSREF_ID: return find_ns(ref, census, target, f);
	case NSREF_INITIAL: break;
	}
	return 0;
}

/* Those of net and mnt are fixed since 6.18, which also brought NS_GET_ID. */
static ino_t initial_inode(const struct nstype *type)
{
	autofd own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	unsigned long long id;

	if ((type->flag & (CLONE_NEWNET | CLONE_NEWNS)) != 0 &&
	    (own < 0 || ioctl(own, KERNEL_NS_GET_ID, &id) != 0))
		return 0;
	return type->initial;
}

int nsref_check(const struct nsref_target *target, struct failure *f)
{
	if (target->process == NULL)
		return 0;
	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if (target->process->ns[i] != NULL)
			return 0;
	errno = target->process->denied ? EACCES : ESRCH;
	return failure_errno(f, "read the namespaces of process", target->ref->text);
}

ino_t nsref_inode(const struct nsref_target *target, const struct nstype *type)
{
	const struct census_ns *ns = target->process != NULL ? target->process->ns[type - nstypes]
							     : target->ns;

	if (target->initial)
		return initial_inode(type);
	return ns != NULL && ns->type == type ? ns->inode : 0;
}
