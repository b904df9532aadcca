/*
 * gaps.c - what a census could not see, and what it saw that is of no use, in words
 *
 * SPDX-License-Identifier: MIT
 */
#include "gaps.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"
#include "procfs.h"

struct teller {
	void (*tell)(const char *format, ...) __attribute__((format(printf, 1, 2)));
};

/*
 * Entries of ip-netns(8) whose namespace is gone, as after its mount was lost: regular
 * files.  There may be any number of them: the first is named.
 */
static void tell_stale_names(const struct teller *to)
{
	DIR *dir = opendir("/run/netns");
	char first[NAME_MAX + 1];
	struct dirent *entry;
	size_t stale = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		struct statfs fs;
		struct stat st;
		autofd fd = openat(dirfd(dir), entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
		    fstatfs(fd, &fs) != 0 || fs.f_type == KERNEL_NSFS_MAGIC)
			continue;
		if (stale++ == 0)
			snprintf(first, sizeof(first), "%s", entry->d_name);
	}
	if (stale == 1)
		to->tell("'/run/netns/%s' is stale: no namespace is mounted there", first);
	else if (stale > 1)
		to->tell("'/run/netns/%s' and %zu more are stale: no namespace is mounted there",
			 first, stale - 1);
	if (dir != NULL)
		closedir(dir);
}

static void tell_dead(const struct census *census, const struct teller *to)
{
	size_t dead = 0;

	for (size_t i = 0; i < census->namespaces; i++)
		dead += census->ns[i]->dead;
	if (dead > 0)
		to->tell("%zu PID namespace%s dead: init has ended, and no process can be made "
			 "there; -o +WHY tells which",
			 dead, dead > 1 ? "s are" : " is");
}

static void tell_unread(const struct census *census, const struct teller *to)
{
	const char *advice = geteuid() == 0 ? "what only they are in is not listed"
					    : "what only they are in is not listed; root sees more";

	if (!census->own_proc)
		to->tell("/proc is that of another PID namespace; the PIDs are those it shows");
	if (census->unreadable > 0)
		to->tell("%zu of %zu processes could not be read; %s", census->unreadable,
			 census->processes, advice);
	if (census->no_descriptors)
		to->tell("the limit of open files (ulimit -n) is too low to read all; namespaces "
			 "may be missing");
	if (census->unseen_mounts > 0)
		to->tell("the mounts of %zu mount namespace%s could not be read; what is mounted "
			 "only there is not listed",
			 census->unseen_mounts, census->unseen_mounts > 1 ? "s" : "");
	if (census->no_relations)
		to->tell("this kernel does not tell the owners and parents of namespaces");
	if (procfs_hides(census->proc))
		to->tell("/proc is mounted with hidepid: processes that you may not trace are not "
			 "even counted");
}

static void tell_unsearched(const struct census *census, const struct teller *to)
{
	if (census->saw_threads && census->saw_fds)
		return;
	to->tell("of %zu processes %s%s%s were not looked at; add%s%s", census->processes,
		 census->saw_threads ? "" : "threads",
		 !census->saw_threads && !census->saw_fds ? " and " : "",
		 census->saw_fds ? "" : "open files", census->saw_threads ? "" : " --threads",
		 census->saw_fds ? "" : " --fds");
}

void gaps_tell(const struct census *census, int flags, bool names,
	       void (*tell)(const char *format, ...))
{
	const struct teller to = { tell };

	tell_unread(census, &to);
	tell_unsearched(census, &to);
	if ((flags & CLONE_NEWPID) != 0)
		tell_dead(census, &to);
	if (names && (flags & CLONE_NEWNET) != 0)
		tell_stale_names(&to);
}
