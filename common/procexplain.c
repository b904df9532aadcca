/*
 * procexplain.c - where a proc is to be mounted, and why the kernel refuses it
 *
 * SPDX-License-Identifier: MIT
 */
#include "procexplain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "cleanup.h"
#include "file.h"
#include "mounttable.h"
#include "nstype.h"
#include "num.h"
#include "probe.h"
#include "trace.h"

/* The mounts of whom it is for; NULL where no proc has us. */
static struct mounttable *read_table(const struct procview *view)
{
	int proc = procview_find_proc(view);
	autofd fd = view->target >= 0 ? openat(view->target, "mountinfo", O_RDONLY | O_CLOEXEC)
		    : proc < 0        ? -1
				      : openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	autofile *file = fd < 0 ? NULL : fdopen(fd, "re");

	if (file == NULL)
		return NULL;
	take_fd(&fd);
	return mounttable_read(file);
}

/* What is mounted below the mount of this ID, and hides something of it. */
struct mask_search {
	int parent;
	size_t prefix; /* of its mount point */
	char (*masks)[PATH_MAX];
	size_t count;
};

/* Places that were made to be mounted on hide nothing, at whatever place the proc is. */
static bool hides_something(const struct mask_search *search, const char *mount_point)
{
	char usual[512];

	snprintf(usual, sizeof(usual), "/proc%s",
		 strlen(mount_point) > search->prefix ? mount_point + search->prefix : "");
	return !probe_is_place_for_mounts(usual);
}

static void add_mask(void *context, const struct mounttable_entry *entry)
{
	struct mask_search *search = context;
	char(*more)[PATH_MAX];

	if (entry->parent != search->parent || strlen(entry->mount_point) <= search->prefix ||
	    !hides_something(search, entry->mount_point))
		return;
	more = reallocarray(search->masks, search->count + 1, sizeof(*more));
	if (more == NULL)
		return;
	search->masks = more;
	snprintf(more[search->count++], PATH_MAX, "%s", entry->mount_point);
}

static void find_masks(struct mounttable *table, const struct mounttable_entry *entry,
		       struct procexplain_place *place)
{
	struct mask_search search = { entry->id, strlen(entry->mount_point), NULL, 0 };

	mounttable_each(table, add_mask, &search);
	place->masks = search.masks;
	place->mask_count = search.count;
}

void procexplain_find_place(const struct procview *view, struct procexplain_place *place)
{
	struct mounttable *table = read_table(view);
	struct mounttable_entry entry;

	*place = (struct procexplain_place){ 0 };
	if (table != NULL &&
	    mounttable_find(table, procview_mount_id(procview_find_proc(view), view->at), &entry)) {
		place->is_known = true;
		place->is_shared = entry.is_shared;
		place->is_slave = entry.is_slave;
		snprintf(place->options, sizeof(place->options), "%s,%s", entry.options,
			 entry.fs_options);
		if (procview_is_proc(view->at))
			find_masks(table, &entry, place);
	}
	mounttable_free(table);
}

void procexplain_free_place(struct procexplain_place *place)
{
	free(place->masks);
	*place = (struct procexplain_place){ 0 };
}

/* Every proc in the table, and what covers parts of them. */
struct proc_search {
	struct mounttable *table;
	struct procexplain_place place;
};

static void add_proc(void *context, const struct mounttable_entry *entry)
{
	struct proc_search *search = context;

	if (strcmp(entry->type, "proc") == 0 && strcmp(entry->root, "/") == 0)
		find_masks(search->table, entry, &search->place);
}

static void hint_masks(const struct procexplain_place *place, bool can_bind, struct failure *f)
{
	char names[256] = "";
	size_t used = 0, i;

	for (i = 0; i < place->mask_count && used + strlen(place->masks[i]) + 8 < 200; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s'%s'",
					 i > 0 ? ", " : "", place->masks[i]);
	if (i < place->mask_count)
		snprintf(names + used, sizeof(names) - used, "%s%zu more", i > 0 ? " and " : "",
			 place->mask_count - i);
	failure_hint(f,
		     "mounts cover %s, and the kernel makes no proc that would show more; unmount "
		     "them, or run the container with unmask=ALL (podman), "
		     "systempaths=unconfined (docker) or procMount: Unmasked (kubernetes)%s",
		     names, can_bind ? ", or add --fallback=bind" : "");
}

/* The kernel's mount_too_revealing(): what can be seen already limits what can be mounted. */
static void explain_table(const struct procview *view, const struct mnt_options *options,
			  struct failure *f)
{
	struct proc_search search = { .table = read_table(view) };

	if (procview_find_proc(view) < 0)
		failure_hint(f, "no proc is mounted on /proc, and in a user namespace the kernel "
				"makes one only where another can be seen whole; mount one before "
				"the user namespace is made");
	if (search.table == NULL)
		return;
	mounttable_each(search.table, add_proc, &search);
	if (search.place.mask_count > 0)
		hint_masks(&search.place, view->root < 0 && options->count == 0, f);
	else if (options->no_atime || options->no_diratime || options->strict_atime)
		failure_hint(f, "in a user namespace the options for access times must be those "
				"of the proc that can be seen; leave them out");
	procexplain_free_place(&search.place);
	mounttable_free(search.table);
}

/* Who has no right to it whatever else there is: true, and explained. */
static bool lacks_right(const struct procview *view, struct failure *f)
{
	autofd pid = procview_open_own(view, nstype_by_flag(CLONE_NEWPID));
	autofd mnt = procview_open_own(view, nstype_by_flag(CLONE_NEWNS));

	if (pid >= 0 && !procview_is_ours(pid))
		failure_hint(f, "this PID namespace belongs to a user namespace around yours; make "
				"a new one here, by 'ns-unshare -pm' or 'unshare -m --pid --fork'");
	else if (mnt >= 0 && !procview_is_ours(mnt))
		failure_hint(f, "this mount namespace belongs to a user namespace around yours; "
				"make a new one here, by 'ns-unshare -pm' or 'unshare -pmf'");
	else if (!caps_have(CAP_SYS_ADMIN))
		failure_hint(f, "you lack CAP_SYS_ADMIN here; be root in a user namespace of your "
				"own, by 'ns-unshare -rpm' or 'unshare -rpmf'");
	else
		return false;
	return true;
}

struct counter {
	size_t mounts;
};

static void count_mount(void *context, const struct mounttable_entry *entry)
{
	struct counter *counter = context;

	(void)entry;
	counter->mounts++;
}

/* fsmount(2) makes a mount namespace, too, which counts.  Is there none to be had?  Tried. */
static bool is_namespace_limit(const struct procview *view)
{
	return !view->is_left && probe_unshare(CLONE_NEWNS) == ENOSPC;
}

/* mount(2), ENOSPC (4.9). */
static void explain_limit(const struct procview *view, struct failure *f)
{
	int proc = procview_find_proc(view);
	struct mounttable *table = read_table(view);
	struct counter counter = { 0 };
	char text[32];
	uint64_t most;

	if (table == NULL || file_read(proc, "sys/fs/mount-max", text, sizeof(text)) <= 0)
		return mounttable_free(table);
	text[strcspn(text, "\n")] = '\0';
	mounttable_each(table, count_mount, &counter);
	if (num_parse(text, UINT32_MAX, &most) && counter.mounts + 2 >= most)
		failure_hint(f,
			     "this mount namespace has %zu mounts, and sysctl fs.mount-max allows "
			     "%ju; unmount some, or raise it",
			     counter.mounts, (uintmax_t)most);
	else if (is_namespace_limit(view))
		failure_hint(f,
			     "a limit is reached: user.%s, here or in an outer user namespace; end "
			     "what you do not need, or raise it",
			     nstype_by_flag(CLONE_NEWNS)->limit);
	mounttable_free(table);
}

int procexplain_failure(const struct procview *view, const struct mnt_options *options,
			struct failure *f)
{
	if (f->error == EPERM && !lacks_right(view, f))
		explain_table(view, options, f);
	else if (f->error == ENOSPC)
		explain_limit(view, f);
	return -1;
}

int procexplain_check_right(const struct procview *view, struct failure *f)
{
	if (trace_is_dry_run() && view->root >= 0)
		return 0;
	errno = EPERM;
	failure_errno(f, mnt_proc.verb, view->dir);
	return lacks_right(view, f) ? -1 : 0;
}
