/*
 * joinplan.h - from options to the namespaces that are joined
 *
 * SPDX-License-Identifier: MIT
 * layer 9
 */
#ifndef JOINPLAN_H
#define JOINPLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "join.h"
#include "message.h"
#include "nsref.h"
#include "opts.h"

struct joinplan {
	/* What was asked for. */
	bool all;
	const char *target; /* a reference, or NULL */
	struct opt_nstypes types;
	struct opt_fd net_socket;
	bool user_parent, exact;

	int of_children; /* by joinplan_choose(): the types in which the children stand for it */
	struct nsref refs[NSTYPE_COUNT + 1];
	size_t ref_count;
};

/* Is there no target but the first operand? */
bool joinplan_needs_operand(const struct joinplan *plan);

/*
 * Are its children in another namespace of this type than itself?  Those of unshare(1)
 * are, which waits outside.
 */
bool joinplan_differs_for_children(const struct target *target, const struct nstype *type);

/*
 * Opens the target, plan->target, and the namespaces of the types asked for, or of all
 * types, that differ from our own; a process that waits outside the PID namespace of
 * its children, as unshare(1) does, stands for its children.  needs_process: so does
 * what else was asked for.  Changes nothing.  Returns 0, or -1 with *f.
 */
int joinplan_choose(struct joinplan *plan, bool needs_process, struct join *join,
		    struct failure *f);

#endif
