/*
 * filter - run a command where the kernel refuses new namespaces of some types
 *
 * SPDX-License-Identifier: MIT
 *
 *	filter [EINVAL] TYPE... COMMAND [ARGUMENT...]
 *
 * A seccomp filter, as a container's, under which unshare(2) and clone(2) with the flag
 * of a TYPE (mnt, net ...) fail with EPERM, or as in a kernel that does not know the
 * flag.  clone3(2), whose flags a filter cannot see, fails with ENOSYS: the C library
 * then calls clone(2).
 */
#include <endian.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif

static const struct {
	const char *name;
	unsigned flag;
} types[] = {
	{ "user", CLONE_NEWUSER },     { "mnt", CLONE_NEWNS },    { "uts", CLONE_NEWUTS },
	{ "ipc", CLONE_NEWIPC },       { "net", CLONE_NEWNET },   { "pid", CLONE_NEWPID },
	{ "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME },
};

static unsigned flag_of(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].name, name) == 0)
			return types[i].flag;
	return 0;
}

/* clone(2) has the signal for the parent where unshare(2) has CLONE_NEWTIME. */
static int install(unsigned flags, unsigned error)
{
	const unsigned low = __BYTE_ORDER == __BIG_ENDIAN ? 4 : 0;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 8, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) + low),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags & ~CLONE_NEWTIME, 3, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) + low),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

int main(int argc, char *argv[])
{
	bool unknown = argc > 1 && strcmp(argv[1], "EINVAL") == 0;
	unsigned flags = 0, flag;
	int i = 1 + unknown;

	for (; i < argc && (flag = flag_of(argv[i])) != 0; i++)
		flags |= flag;
	if (flags == 0 || i == argc) {
		fputs("usage: filter [EINVAL] TYPE... COMMAND [ARGUMENT...]\n", stderr);
		return 125;
	}
	if (install(flags, unknown ? EINVAL : EPERM) == 0)
		execvp(argv[i], &argv[i]);
	perror("filter");
	return 125;
}
