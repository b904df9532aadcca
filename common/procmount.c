/*
 * procmount.c - mount the proc of a PID namespace
 *
 * SPDX-License-Identifier: MIT
 */
#include "procmount.h"

#include "cleanup.h"
#include "file.h"
#include "procexplain.h"
#include "trace.h"

/* Takes back what was mounted on it: proc, and below that what it was bound on. */
static int take_back(const struct procview *view, int on, bool mounted)
{
	if (mounted)
		mnt_detach_from(on, view->dir);
	if (on != view->at)
		mnt_detach_from(view->at, view->dir);
	return -1;
}

/* Is it ours?  If not, that is the reason; what keeps us from looking is another. */
static int check_own(const struct procview *view, int proc, const char *reason, struct failure *f)
{
	int levels = procview_levels(proc);

	if (levels == 1)
		return 0;
	return levels == PROCVIEW_UNREAD
		       ? failure_errno(f, mnt_proc.verb, view->dir)
		       : failure_reason(f, mnt_proc.verb, view->dir, "%s", reason);
}

/* Whatever has become of the name: what it leads to now is ours, or nothing is. */
static int verify(const struct procview *view, const struct mnt_options *options, struct failure *f)
{
	static const char reason[] = "what is there then is not the proc of this PID namespace; "
				     "it is unmounted again";
	autofd now = -1;

	if (trace_is_dry_run())
		return 0;
	now = mnt_open_directory(view->root, view->dir, mnt_proc.verb, f);
	if (options != NULL)
		return check_own(view, now, reason, f);
	return now >= 0 && file_is_same(now, view->proc)
		       ? 0
		       : failure_reason(f, mnt_proc.verb, view->dir, "%s", reason);
}

/* The proc that was made, or without options that at /proc. */
static int put_on(const struct procview *view, const struct mnt_options *options, int mounted,
		  int on, struct failure *f)
{
	return options != NULL ? mnt_attach_to(&mnt_proc, options, mounted, on, view->dir, f)
			       : mnt_bind_to(view->proc, mnt_proc.usual, on, view->dir, f);
}

static int attach(const struct procview *view, const struct mnt_options *options, int mounted,
		  struct failure *f)
{
	struct procexplain_place place;
	int on, bound, status = 0;

	procexplain_find_place(view, &place);
	bound = mnt_make_private(view->at, !place.is_known || place.is_shared, view->dir, &on, f);
	procexplain_free_place(&place);
	if (bound < 0)
		return -1;
	if (put_on(view, options, mounted, on, f) != 0) {
		status = take_back(view, on, false);
	} else {
		if (bound > 0)
			status = view->is_left || mnt_hide_bind(view->at, view->dir) != 0;
		if (verify(view, options, f) != 0)
			status = take_back(view, on, true);
	}
	if (on != view->at)
		close_fd(&on);
	return status;
}

int procmount_mount(const struct procview *view, const struct mnt_options *options,
		    struct failure *f)
{
	autofd mounted = -1;
	int status;

	if (trace_is_dry_run() && procexplain_check_right(view, f) != 0)
		return -1;
	if (mnt_make(&mnt_proc, options, view->dir, &mounted, f) != 0)
		return procexplain_failure(view, options, f);
	if (mounted < 0 && procexplain_check_right(view, f) != 0)
		return -1;
	if (mounted >= 0 &&
	    check_own(view, mounted, "what was made is not the proc of this PID namespace", f) != 0)
		return -1;
	status = attach(view, options, mounted, f);
	return status >= 0 ? status : procexplain_failure(view, options, f);
}

int procmount_bind(const struct procview *view, struct failure *f)
{
	return attach(view, NULL, -1, f);
}
