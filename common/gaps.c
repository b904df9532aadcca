/*
 * gaps.c - what a census could not see, and what it saw that is of no use, in words
 *
 * SPDX-License-Identifier: MIT
 */
#include "gaps.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kernel.h"
#include "procfs.h"

struct teller {
	void (*tell)(const char *format, ...) __attribute__((format(printf, 1, 2)));
};

/* Where else this is a mounted namespace: the inode of a mount namespace, or 0. */
static ino_t find_elsewhere(const struct census *census, const char *path)
{
	for (size_t i = 0; i < census->namespaces; i++)
		for (const struct census_holder *h = census->ns[i]->holders; h != NULL; h = h->next)
			if (h->elsewhere && strcmp(h->mount_point, path) == 0)
				return h->mnt;
	return 0;
}

/* An entry of ip-netns(8) whose namespace is gone, as after its mount was lost. */
static void tell_stale_names(const struct census *census, const struct teller *to)
{
	DIR *dir = opendir("/run/netns");
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[sizeof("/run/netns/") + sizeof(entry->d_name)];
		struct statfs fs;
		ino_t elsewhere;

		snprintf(path, sizeof(path), "/run/netns/%s", entry->d_name);
		if (entry->d_name[0] == '.' || statfs(path, &fs) != 0 ||
		    fs.f_type == KERNEL_NSFS_MAGIC)
			continue;
		elsewhere = find_elsewhere(census, path);
		if (elsewhere != 0)
			to->tell("'%s' is a namespace in mount namespace %ju, not in this one",
				 path, (uintmax_t)elsewhere);
		else
			to->tell("'%s' is stale: no namespace is mounted there", path);
	}
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
		tell_stale_names(census, &to);
}
