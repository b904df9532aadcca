/*
 * procexplain.h - where a proc is to be mounted, and why the kernel refuses it
 *
 * SPDX-License-Identifier: MIT
 * layer 6
 */
#ifndef PROCEXPLAIN_H
#define PROCEXPLAIN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "message.h"
#include "mnt.h"
#include "procview.h"

/* What the table of mounts says of the mount that view->at is in. */
struct procexplain_place {
	bool is_known, is_shared, is_slave;
	char options[256];       /* of the mount and of the file system */
	char (*masks)[PATH_MAX]; /* mount points that cover parts of it, to be freed */
	size_t mask_count;
};

void procexplain_find_place(const struct procview *view, struct procexplain_place *place);
void procexplain_free_place(struct procexplain_place *place);

/*
 * Where nothing could be made yet: is it for a reason that no other way will change?
 * Returns 0, or -1 with *f, explained.
 */
int procexplain_check_right(const struct procview *view, struct failure *f);

/* Adds the cause to *f, a refusal to mount, where it can be found.  Returns -1. */
int procexplain_failure(const struct procview *view, const struct mnt_options *options,
			struct failure *f);

#endif
