/*
 * pinned.c - the registry of pinned sets: namespaces that a process keeps under a name
 *
 * SPDX-License-Identifier: MIT
 */
#include "pinned.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"
#include "kernel.h"
#include "num.h"
#include "pidfd.h"
#include "trace.h"

/* In the order in which a name is looked for. */
enum { OF_SESSION, OF_USER, OF_ALL };

static const char verb[] = "pin";

/* Where it is; an empty path: the caller has no such. */
static void find_registry(size_t n, char path[PATH_MAX])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int length = 0;

	path[0] = '\0';
	if (n == OF_ALL)
		strcpy(path, "/run/ns");
	else if (n == OF_USER)
		snprintf(path, PATH_MAX, "/tmp/ns-%u", (unsigned)geteuid());
	else if (runtime != NULL && runtime[0] == '/')
		length = snprintf(path, PATH_MAX, "%s/ns", runtime);
	if (length >= PATH_MAX)
		path[0] = '\0';
}

/* That of all may be root's; and what others can write is anybody's word.  O_PATH, or -1. */
static int open_registry(size_t n, const char *path, struct failure *f)
{
	autofd dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (dir < 0 && (errno == ENOTDIR || errno == ELOOP))
		return failure_reason(f, "use", path, "it is not a directory");
	if (dir < 0 || fstat(dir, &st) != 0)
		return failure_errno(f, "use", path);
	if (st.st_uid != geteuid() && (n != OF_ALL || st.st_uid != 0)) {
		failure_reason(f, "use", path, "it is a directory of user %u's",
			       (unsigned)st.st_uid);
		if (n == OF_USER)
			failure_hint(f, "somebody else has taken that name; set XDG_RUNTIME_DIR "
					"to a directory of your own");
		return -1;
	}
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return failure_reason(f, "use", path, "other users can write there");
	return take_fd(&dir);
}

static int open_for_reading(int dir)
{
	return openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Nobody else changes the registry until what is returned is closed.  -1 with errno. */
static int lock_registry(int dir)
{
	autofd lock = open_for_reading(dir);

	return lock < 0 || flock(lock, LOCK_EX) != 0 ? -1 : take_fd(&lock);
}

static bool is_name(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._-");

	return length <= PINNED_NAME_MOST && name[length] == '\0' &&
	       isalpha((unsigned char)name[0]) && strcmp(name, "initial") != 0;
}

/* 0: it has none (before 6.9), or there is no pidfd. */
static uint64_t inode_of(int pidfd)
{
	uint64_t inode;

	return pidfd_read_inode(pidfd, &inode) == 0 ? inode : 0;
}

int pinned_open_keeper(const struct pinned *set)
{
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, set->pid, 0);

	if (pidfd >= 0 && inode_of(pidfd) == set->inode && !pidfd_has_ended(pidfd))
		return take_fd(&pidfd);
	errno = ESRCH;
	return -1;
}

static bool is_alive(const struct pinned *set)
{
	autofd pidfd = pinned_open_keeper(set);

	return pidfd >= 0;
}

/* What the entry says, true or not.  false: there is none; a pid of 0: it says nothing. */
static bool read_entry(int dir, const char *name, struct pinned *set)
{
	char text[64] = "", *colon, *end;
	ssize_t length = is_name(name) ? file_read(dir, name, text, sizeof(text)) : -1;
	uint64_t pid;

	*set = (struct pinned){ 0 };
	if (length < 0)
		return false;
	snprintf(set->name, sizeof(set->name), "%s", name);
	colon = strchr(text, ':');
	end = strchr(text, '\n');
	if (colon == NULL || end == NULL || end[1] != '\0')
		return true;
	*colon = *end = '\0';
	if (num_parse(text, INT_MAX, &pid) && num_parse(colon + 1, UINT64_MAX, &set->inode) &&
	    set->inode != 0)
		set->pid = (pid_t)pid;
	return true;
}

bool pinned_open_entry(struct pinning *p, size_t n, const char *name)
{
	struct failure ignored;

	find_registry(n, p->path);
	p->dir = open_registry(n, p->path, &ignored);
	if (p->dir >= 0 && read_entry(p->dir, name, &p->set))
		return true;
	pinned_close(p);
	return false;
}

/* In the first so many registries. */
static bool find_in(size_t registries, const char *name, struct pinned *set)
{
	for (size_t n = 0; n < registries; n++) {
		struct failure ignored;
		char path[PATH_MAX];
		autofd dir = -1;

		find_registry(n, path);
		dir = open_registry(n, path, &ignored);
		if (dir >= 0 && read_entry(dir, name, set) && is_alive(set))
			return true;
	}
	return false;
}

bool pinned_find(const char *name, struct pinned *set)
{
	return find_in(PINNED_REGISTRIES, name, set);
}

/* A process that is older has a smaller inode (pidfs). */
static int compare_age(const void *a, const void *b)
{
	const struct pinned *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* Those of the n-th registry whose names do not lead elsewhere. */
static size_t add_sets(size_t n, struct pinned **sets, size_t count)
{
	struct failure ignored;
	char path[PATH_MAX];
	const struct dirent *entry;
	autofd dir = -1, list = -1;
	DIR *stream;

	find_registry(n, path);
	dir = open_registry(n, path, &ignored);
	list = open_for_reading(dir);
	stream = fdopendir(list);
	if (stream != NULL)
		take_fd(&list);
	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		struct pinned set, found, *more;

		if (!read_entry(dir, entry->d_name, &set) || !is_alive(&set) ||
		    !pinned_find(set.name, &found) || found.inode != set.inode ||
		    (more = reallocarray(*sets, count + 1, sizeof(set))) == NULL)
			continue;
		*sets = more;
		more[count++] = set;
	}
	if (stream != NULL)
		closedir(stream);
	return count;
}

size_t pinned_list(struct pinned **sets)
{
	size_t count = 0;

	*sets = NULL;
	for (size_t n = 0; n < PINNED_REGISTRIES; n++)
		count = add_sets(n, sets, count);
	if (count > 0)
		qsort(*sets, count, sizeof(**sets), compare_age);
	return count;
}

static int refuse_live(const struct pinned *set, struct failure *f)
{
	failure_reason(f, verb, set->name, "it is pinned already (process %d)", (int)set->pid);
	failure_hint(f, "a set of this name is alive; end it by 'ns-unshare --unpin=%s'",
		     set->name);
	return -1;
}

/* Where the caller pins: /run/ns if that may be written, or made. */
static size_t choose_registry(char path[PATH_MAX])
{
	static const size_t order[] = { OF_ALL, OF_SESSION };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		find_registry(order[i], path);
		if (path[0] != '\0' && (access(path, W_OK) == 0 || file_can_create(path)))
			return order[i];
	}
	find_registry(OF_USER, path);
	return OF_USER;
}

/*
 * Only its owner may read the registry, though others find root's sets by their names:
 * who can open a directory for reading can lock it for good (flock(2)).
 */
static int make_registry(size_t n, const char *path)
{
	mode_t mode = n == OF_ALL ? 0711 : 0700, mask;
	bool made;

	if (access(path, F_OK) == 0 || !trace_call("mkdir(\"%s\", 0%o)", path, (unsigned)mode))
		return 0;
	mask = umask(0); /* a caller's umask of today is not to hide root's sets for good */
	made = trace_result(mkdir(path, mode)) == 0 || errno == EEXIST;
	umask(mask);
	return made ? 0 : -1;
}

static int check_kernel(struct failure *f)
{
	autofd self = (int)syscall(KERNEL_SYS_pidfd_open, getpid(), 0);

	if (self >= 0 && inode_of(self) != 0)
		return 0;
	return failure_option(f, "--pin", "needs pidfds that have inodes of their own (Linux 6.9)");
}

/*
 * What the caller may do there is asked before a new user namespace gives the right to all
 * that is its own: else the set is pinned, and later neither found nor unpinned.
 */
static int check_usable(const struct pinning *p, struct failure *f)
{
	struct stat st;

	if (faccessat(p->dir, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0 || fstat(p->dir, &st) != 0)
		return failure_errno(f, "use", p->path);
	if ((st.st_mode & (S_IRGRP | S_IROTH)) == 0)
		return 0;
	failure_reason(f, "use", p->path, "other users can read there");
	failure_hint(f, "who can open a directory can lock it for good; 'chmod go-r %s'", p->path);
	return -1;
}

/* The caller's registry; it is made, or only could be: then p->dir is -1. */
static int open_usable(struct pinning *p, bool make, struct failure *f)
{
	size_t n;

	if (check_kernel(f) != 0)
		return -1;
	n = choose_registry(p->path);
	if (make && make_registry(n, p->path) != 0)
		return failure_errno(f, "make", p->path);
	p->dir = open_registry(n, p->path, f);
	if (p->dir >= 0)
		return check_usable(p, f);
	if (f->error != ENOENT || (make && !trace_is_dry_run()))
		return -1;
	return file_can_create(p->path) ? 0 : failure_errno(f, "make", p->path);
}

int pinned_check(struct failure *f)
{
	struct pinning p = { .dir = -1 };
	int status = open_usable(&p, false, f);

	pinned_close(&p);
	return status;
}

int pinned_prepare(struct pinning *p, const char *name, struct failure *f)
{
	if (!is_name(name))
		return failure_option(
			f, "--pin",
			"'%s' is no name: letters, digits, '.', '_' and '-', a letter "
			"first, %d at most, and not 'initial'",
			name, PINNED_NAME_MOST);
	if (open_usable(p, true, f) != 0)
		return -1;
	/* One's own sets, wherever they are, would hide each other; root's hide nobody's. */
	if (find_in(OF_ALL, name, &p->set) ||
	    (p->dir >= 0 && read_entry(p->dir, name, &p->set) && is_alive(&p->set)))
		return refuse_live(&p->set, f);
	p->set = (struct pinned){ 0 };
	snprintf(p->set.name, sizeof(p->set.name), "%s", name);
	return 0;
}

/*
 * Without a temporary file, as one would stay behind after a kill -9: a file that is still
 * empty is as good as none, and the text comes in one piece.
 */
static int write_entry(int dir, const char *name, const char *text)
{
	autofd fd = -1;

	if (unlinkat(dir, name, 0) != 0 && errno != ENOENT)
		return -1;
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	if (write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		return 0;
	unlinkat(dir, name, 0);
	return -1;
}

int pinned_enter(struct pinning *p, pid_t keeper, struct failure *f)
{
	autofd lock = -1, pidfd = -1;
	struct pinned other;
	char text[64];

	if (!trace_call("write(\"%s/%s\", \"%s:INODE\\n\")", p->path, p->set.name,
			trace_number(keeper, "CHILD")))
		return 0;
	lock = lock_registry(p->dir);
	if (lock < 0)
		return failure_errno(f, verb, p->set.name);
	if (read_entry(p->dir, p->set.name, &other) && is_alive(&other))
		return refuse_live(&other, f);
	pidfd = (int)syscall(KERNEL_SYS_pidfd_open, keeper, 0);
	p->set.pid = keeper;
	p->set.inode = inode_of(pidfd);
	snprintf(text, sizeof(text), "%d:%ju\n", (int)keeper, (uintmax_t)p->set.inode);
	if (p->set.inode != 0 && trace_result(write_entry(p->dir, p->set.name, text)) == 0)
		return 0;
	return failure_errno(f, verb, p->set.name);
}

int pinned_remove(const struct pinning *p)
{
	autofd lock = lock_registry(p->dir);
	struct pinned now;

	if (lock < 0)
		return -1;
	if (read_entry(p->dir, p->set.name, &now) && now.pid == p->set.pid &&
	    now.inode == p->set.inode && trace_call("unlink(\"%s/%s\")", p->path, p->set.name))
		return (int)trace_result(unlinkat(p->dir, p->set.name, 0));
	return 0;
}

void pinned_close(struct pinning *p)
{
	close_fd(&p->dir);
}
