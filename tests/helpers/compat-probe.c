/* compat-probe - print what a command sees of its surroundings, for compat.bats
 * SPDX-License-Identifier: MIT
 *
 * Two runs that start from the same place print the same bytes exactly when
 * the commands were given the same namespaces, ids, capabilities, mounts,
 * descriptors, signals and limits. Numbers that differ from run to run (inodes,
 * peer groups, pids) are left out; a namespace is "same", "target" or "new" by
 * comparison with COMPAT_REF and COMPAT_TARGET, the links that the caller and the
 * process to be entered have.
 *
 * Where /proc is that of another PID namespace, and has no "self", the directory of
 * this process is looked for in it.
 *
 * With the argument "lo" it prints only whether the interface lo is up, which
 * compat.bats compares apart, because there the tools differ on purpose.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 8192

/* Our own directory in /proc. */
static char own[32] = "/proc/self";

/* The path of a file in it. */
static const char *own_file(const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", own, name);
	return path;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Digits after ":" or "[" are an inode or a peer group: made one "N". */
static void hide_numbers(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		*to++ = *from;
		if ((*from == ':' || *from == '[') && isdigit((unsigned char)from[1])) {
			while (isdigit((unsigned char)from[1]))
				from++;
			*to++ = 'N';
		}
	}
	*to = '\0';
}

/* A process of this name that has our PID in its own PID namespace. */
static bool is_own(const char *dir, const char *name)
{
	char line[LINE_SIZE], path[64];
	bool named = false, numbered = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/status", dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "Name:\t", 6))
			named = !strcmp(line + 6, name);
		if (named && !strncmp(line, "NSpid:\t", 7))
			numbered = strtol(strrchr(line, '\t'), NULL, 10) == getpid();
	}
	if (f)
		fclose(f);
	return numbered;
}

/* By a name that nobody else has; the old one is restored, and "self" stays when there
 * is none. */
static void find_own(void)
{
	char name[16], old[16], dir[32];
	struct timespec now;
	DIR *proc;

	if (access("/proc/self/status", F_OK) == 0 || !(proc = opendir("/proc")))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(name, sizeof(name), "p%06lx%05x", (unsigned long)now.tv_nsec, (unsigned)getpid());
	prctl(PR_GET_NAME, old);
	prctl(PR_SET_NAME, name);
	for (const struct dirent *e; (e = readdir(proc));) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(dir, sizeof(dir), "/proc/%.20s", e->d_name);
		if (is_own(dir, name))
			memcpy(own, dir, sizeof(own));
	}
	closedir(proc);
	prctl(PR_SET_NAME, old);
}

static void print_link(const char *label, const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	hide_numbers(target);
	printf("%s %s\n", label, n < 0 ? strerror(errno) : target);
}

static void print_namespaces(void)
{
	static const char *const types[] = {
		"cgroup",           "ipc",  "mnt",  "net", "pid",
		"pid_for_children", "time", "user", "uts", "time_for_children",
	};
	const char *ref = getenv("COMPAT_REF"), *target = getenv("COMPAT_TARGET");

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		char name[32], link[64];
		ssize_t n;

		snprintf(name, sizeof(name), "ns/%s", types[i]);
		n = readlink(own_file(name), link, sizeof(link) - 1);
		link[n < 0 ? 0 : n] = '\0';
		printf("ns %s %s\n", types[i],
		       n < 0                            ? strerror(errno)
		       : ref && strstr(ref, link)       ? "same"
		       : target && strstr(target, link) ? "target"
							: "new");
	}
}

/* Prints the lines of a file of our own under its name, sorted; a mountinfo line
 * without the two mount ids that begin it, which differ from run to run. */
static void print_file(const char *name, bool mountinfo)
{
	char *lines[2048], buf[LINE_SIZE];
	size_t n = 0;
	FILE *f = fopen(own_file(name), "re");

	if (!f) {
		printf("%s %s\n", name, strerror(errno));
		return;
	}
	while (n < 2048 && fgets(buf, sizeof(buf), f)) {
		char *line = buf;

		for (int spaces = 0; mountinfo && spaces < 2; line++)
			spaces += *line == ' ';
		if (mountinfo)
			hide_numbers(line);
		lines[n++] = strdup(line);
	}
	fclose(f);
	qsort(lines, n, sizeof(lines[0]), compare_strings);
	for (size_t i = 0; i < n; i++) {
		printf("%s %s", name, lines[i]);
		free(lines[i]);
	}
}

static void print_status(void)
{
	static const char *const fields[] = {
		"Uid:",     "Gid:",        "Groups:",  "CapInh:",       "CapPrm:", "CapEff:",
		"CapBnd:",  "CapAmb:",     "SigBlk:",  "SigIgn:",       "SigCgt:", "Umask:",
		"Threads:", "NoNewPrivs:", "Seccomp:", "Cpus_allowed:",
	};
	char line[LINE_SIZE];
	FILE *f = fopen(own_file("status"), "re");

	while (f && fgets(line, sizeof(line), f))
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (!strncmp(line, fields[i], strlen(fields[i])))
				fputs(line, stdout);
	if (f)
		fclose(f);
}

static void print_descriptors(void)
{
	DIR *dir = opendir(own_file("fd"));
	bool open_fd[1024] = { false };

	while (dir) {
		const struct dirent *e = readdir(dir);
		long fd = e ? strtol(e->d_name, NULL, 10) : -1;

		if (!e)
			break;
		if (fd < 1024 && fd != dirfd(dir) && e->d_name[0] != '.')
			open_fd[fd] = true;
	}
	if (dir)
		closedir(dir);
	for (int fd = 0; fd < 1024; fd++) {
		char name[32], label[32];

		snprintf(name, sizeof(name), "fd/%d", fd);
		snprintf(label, sizeof(label), "fd %d", fd);
		if (open_fd[fd])
			print_link(label, own_file(name));
	}
}

/* How many processes there are above this one, as far as its /proc shows them: one
 * more where a tool has forked. */
static int count_ancestors(void)
{
	char path[64];
	int n = -1;

	snprintf(path, sizeof(path), "%s", own_file("status"));
	for (long parent = 1; parent > 0; n++) {
		char line[LINE_SIZE];
		FILE *f = fopen(path, "re");

		parent = 0;
		while (f && fgets(line, sizeof(line), f))
			if (!strncmp(line, "PPid:", 5))
				parent = strtol(line + 5, NULL, 10);
		if (f)
			fclose(f);
		snprintf(path, sizeof(path), "/proc/%ld/status", parent);
	}
	return n;
}

static void print_process(void)
{
	int death_signal = 0, reaper = 0;
	char cwd[4096];

	prctl(PR_GET_PDEATHSIG, &death_signal);
	prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	printf("init %d orphan %d ancestors %d session %d group %d\n", getpid() == 1,
	       getppid() == 0, count_ancestors(), (int)getsid(0), (int)getpgrp());
	printf("pdeathsig %d reaper %d dumpable %d securebits %d\n", death_signal, reaper,
	       prctl(PR_GET_DUMPABLE), prctl(PR_GET_SECUREBITS));
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : strerror(errno));
	print_link("link to cwd", own_file("cwd"));
	print_link("root", own_file("root"));
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit = { 0, 0 };

		getrlimit(i, &limit);
		printf("limit %d %lld %lld\n", i, (long long)limit.rlim_cur,
		       (long long)limit.rlim_max);
	}
}

/* Not "_", by which a shell names the program it starts. */
static void print_environment(void)
{
	size_t n = 0;

	while (environ[n])
		n++;
	qsort(environ, n, sizeof(environ[0]), compare_strings);
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], "_=", 2) != 0 &&
		    strncmp(environ[i], "COMPAT_REF=", 11) != 0 &&
		    strncmp(environ[i], "COMPAT_TARGET=", 14) != 0)
			printf("env %s\n", environ[i]);
}

static int print_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
		perror("compat-probe: lo");
		return 1;
	}
	close(fd);
	puts(request.ifr_flags & IFF_UP ? "up" : "down");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "lo"))
		return print_loopback();
	for (int i = 1; i < argc; i++)
		printf("arg %s\n", argv[i]);
	find_own();
	print_process();
	print_descriptors();
	print_namespaces();
	print_status();
	print_environment();
	print_file("uid_map", false);
	print_file("gid_map", false);
	print_file("setgroups", false);
	print_file("timens_offsets", false);
	print_file("cgroup", false);
	print_file("oom_score_adj", false);
	print_file("mountinfo", true);
	return fflush(stdout) ? 1 : 0;
}
