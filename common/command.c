/*
 * command.c - find the command and become it, or say why not
 *
 * SPDX-License-Identifier: MIT
 */
#include "command.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "exitcode.h"
#include "explain.h"
#include "kernel.h"
#include "trace.h"

/* confstr(_CS_PATH), what execvp(3) takes where PATH is unset. */
#define DEFAULT_PATH "/bin:/usr/bin"

enum {
	HEAD_BYTES = 4096,
	INTERPRETERS_MOST = 6, /* BINPRM_MAX_RECURSION of the kernel is less */
};

/* The program interpreter that an ELF file asks for (elf(5), PT_INTERP). */
static bool elf_interpreter(int fd, const char *head, size_t size, char *out)
{
	const ElfW(Ehdr) *ehdr = (const void *)head;

	if (size < sizeof(*ehdr) || memcmp(head, ELFMAG, SELFMAG) != 0 ||
	    ehdr->e_phentsize != sizeof(ElfW(Phdr)))
		return false;
	for (unsigned i = 0; i < ehdr->e_phnum; i++) {
		ElfW(Phdr) phdr;
		off_t at = (off_t)(ehdr->e_phoff + i * sizeof(phdr));

		if (pread(fd, &phdr, sizeof(phdr), at) != sizeof(phdr))
			return false;
		if (phdr.p_type == PT_INTERP)
			return phdr.p_filesz > 1 && phdr.p_filesz <= PATH_MAX &&
			       pread(fd, out, phdr.p_filesz, (off_t)phdr.p_offset) ==
				       (ssize_t)phdr.p_filesz &&
			       out[phdr.p_filesz - 1] == '\0';
	}
	return false;
}

/* The first word after "#!" (execve(2), "Interpreter scripts"). */
static bool script_interpreter(const char *head, char *out)
{
	size_t length;

	if (head[0] != '#' || head[1] != '!')
		return false;
	head += 2 + strspn(head + 2, " \t");
	length = strcspn(head, " \t\n");
	if (length == 0 || length >= PATH_MAX)
		return false;
	memcpy(out, head, length);
	out[length] = '\0';
	return true;
}

/* Reads the head of a file, NUL-terminated; its length, or -1. */
static ssize_t read_head(int fd, char head[HEAD_BYTES])
{
	ssize_t size = fd < 0 ? -1 : pread(fd, head, HEAD_BYTES - 1, 0);

	head[size > 0 ? size : 0] = '\0';
	return size;
}

/* Why a file that exists could not be executed, for reason's sake. */
static int cannot_execute(const char *path, struct failure *f)
{
	autofd fd = -1;
	char head[HEAD_BYTES], interpreter[PATH_MAX + 1];
	int error = errno;
	struct stat st;
	ssize_t size;

	failure_errno(f, "execute", path);
	f->status = EXIT_CANNOT_RUN;
	if (error == EACCES && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		failure_reason(f, "execute", path, "it is a directory");
	else
		explain_exec(f, path);
	if (error == ENOENT) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		size = read_head(fd, head);
		if (script_interpreter(head, interpreter) ||
		    (size > 0 && elf_interpreter(fd, head, (size_t)size, interpreter)))
			failure_reason(f, "execute", path, "interpreter '%s' not found",
				       interpreter);
	}
	f->status = EXIT_CANNOT_RUN;
	return -1;
}

static int not_found(const char *name, const char *reason, struct failure *f)
{
	failure_reason(f, "find command", name, "%s", reason);
	f->status = EXIT_NOT_FOUND;
	return -1;
}

static void narrate(const char *path, char *const argv[])
{
	char list[4096] = "";
	size_t used = 0;

	if (trace_mode == TRACE_OFF)
		return;
	for (size_t i = 0; argv[i] != NULL && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s\"%s\"",
					 i > 0 ? ", " : "", argv[i]);
	trace_last_call("execve(\"%s\", [%s])", path, list);
}

/* A text file without "#!" is a shell script, as for execvp(3) and every shell. */
static void exec_as_script(const struct command *c)
{
	autofd fd = open(c->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char head[HEAD_BYTES];
	ssize_t size = read_head(fd, head);
	size_t argc = 0;
	autofree char **with_shell = NULL;

	if (size < 0 || memchr(head, '\0', (size_t)size) != NULL) {
		errno = ENOEXEC;
		return;
	}
	while (c->argv[argc] != NULL)
		argc++;
	with_shell = calloc(argc + 2, sizeof(*with_shell));
	if (with_shell == NULL)
		return;
	with_shell[0] = (char *)(uintptr_t)COMMAND_DEFAULT_SHELL;
	with_shell[1] = (char *)(uintptr_t)c->path;
	for (size_t i = 1; i < argc; i++)
		with_shell[i + 1] = c->argv[i];
	narrate(COMMAND_DEFAULT_SHELL, with_shell);
	execve(COMMAND_DEFAULT_SHELL, with_shell, environ);
}

/* access(2) with the effective IDs; below root, where that is a directory. */
static int check_access(const char *path, int mode, int root)
{
	autofd fd = -1;

	if (root < 0)
		return faccessat(AT_FDCWD, path, mode, AT_EACCESS);
	fd = kernel_open_path(root, path, 0, KERNEL_RESOLVE_IN_ROOT);
	return fd < 0 ? -1 : faccessat(fd, "", mode, AT_EMPTY_PATH | AT_EACCESS);
}

/* Could it be executed?  0, or -1 with errno; what is there but cannot be is never ENOENT. */
static int check_path(const char *path, int root)
{
	struct stat st;

	if (check_access(path, X_OK, root) != 0)
		return -1;
	if (root < 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return 0;
}

static bool is_absent(const char *path, int root)
{
	int saved = errno;
	bool absent = (saved == ENOENT || saved == ENOTDIR) && check_access(path, F_OK, root) != 0;

	errno = saved;
	return absent;
}

/* The first that can be executed; else the first that is there tells why it cannot. */
static int search_path(struct command *c, const char *name, int root, struct failure *f)
{
	const char *dirs = getenv("PATH");
	char denied[PATH_MAX] = "";

	for (const char *dir = dirs != NULL ? dirs : DEFAULT_PATH; dir != NULL;) {
		size_t length = strcspn(dir, ":");
		int n = snprintf(c->path, sizeof(c->path), "%.*s%s%s", (int)length, dir,
				 length > 0 ? "/" : "", name);

		dir = dir[length] == ':' ? dir + length + 1 : NULL;
		if (n >= (int)sizeof(c->path))
			continue;
		if (check_path(c->path, root) == 0)
			return 0;
		if (denied[0] == '\0' && check_access(c->path, F_OK, root) == 0)
			memcpy(denied, c->path, sizeof(denied));
	}
	if (denied[0] == '\0')
		return not_found(name, "it is in no directory of PATH", f);
	errno = EACCES;
	return cannot_execute(denied, f);
}

static int find_at(struct command *c, const char *path, int root, struct failure *f)
{
	if ((size_t)snprintf(c->path, sizeof(c->path), "%s", path) >= sizeof(c->path)) {
		errno = ENAMETOOLONG;
		return cannot_execute(path, f);
	}
	if (check_path(path, root) == 0)
		return 0;
	return is_absent(path, root) ? not_found(path, strerror(errno), f)
				     : cannot_execute(path, f);
}

static int find_shell(struct command *c, const char *const *shells, int root, struct failure *f)
{
	static const char *const none[] = { NULL };
	const char *slash;
	size_t i = 0;

	if (shells == NULL)
		shells = none;
	while (shells[i] != NULL && find_at(c, shells[i], root, f) != 0)
		i++;
	if (shells[i] == NULL) {
		if (i > 0 && strcmp(shells[0], COMMAND_DEFAULT_SHELL) == 0)
			return -1;
		c->passed_over = i == 1 ? shells[0] : NULL;
		if (find_at(c, COMMAND_DEFAULT_SHELL, root, f) != 0)
			return -1;
	}
	slash = strrchr(c->path, '/');
	snprintf(c->login_name, sizeof(c->login_name), "-%.*s", NAME_MAX,
		 slash != NULL ? slash + 1 : c->path);
	c->login_argv[0] = c->login_name;
	c->argv = c->login_argv;
	return 0;
}

int command_find(struct command *c, char *const argv[], const char *const *shells, int root,
		 struct failure *f)
{
	c->passed_over = NULL;
	c->login_argv[1] = NULL;
	c->argv = argv;
	if (argv[0] == NULL)
		return find_shell(c, shells, root, f);
	if (argv[0][0] == '\0')
		return not_found("", "the name is empty", f);
	if (strchr(argv[0], '/') == NULL)
		return search_path(c, argv[0], root, f);
	return find_at(c, argv[0], root, f);
}

bool command_leads_to(const char *path, const struct stat *own, bool unknown)
{
	char head[HEAD_BYTES], next[PATH_MAX + 1], interpreter[PATH_MAX + 1];

	snprintf(next, sizeof(next), "%s", path);
	for (int depth = 0; depth < INTERPRETERS_MOST; depth++) {
		autofd fd = -1;
		struct stat st = { 0 };
		ssize_t size;

		/* It will not be executed; and to open a device may do something. */
		if (stat(next, &st) == 0 ? !S_ISREG(st.st_mode) : errno == ENOENT)
			return false;
		if (st.st_dev == own->st_dev && st.st_ino == own->st_ino)
			return true;
		fd = open(next, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		size = read_head(fd, head);
		if (size < 0)
			return unknown;
		if (size >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0) {
			if (!elf_interpreter(fd, head, (size_t)size, interpreter))
				return false;
		} else if (!script_interpreter(head, interpreter)) {
			snprintf(interpreter, sizeof(interpreter), "%s", COMMAND_DEFAULT_SHELL);
		}
		memcpy(next, interpreter, sizeof(next));
	}
	return true;
}

int command_exec(const struct command *c, struct failure *f)
{
	narrate(c->path, c->argv);
	if (trace_is_dry_run())
		return 0;
	execve(c->path, c->argv, environ);
	if (errno == ENOEXEC)
		exec_as_script(c);
	return is_absent(c->path, -1) ? not_found(c->path, strerror(errno), f)
				      : cannot_execute(c->path, f);
}

const char *command_shell(void)
{
	const char *shell = getenv("SHELL");
	const struct passwd *user;

	if (shell != NULL && shell[0] != '\0')
		return shell;
	user = getpwuid(getuid());
	return user != NULL && user->pw_shell != NULL && user->pw_shell[0] != '\0'
		       ? user->pw_shell
		       : COMMAND_DEFAULT_SHELL;
}
