/*
 * caps.c - capabilities; the only user of libcap-ng
 *
 * SPDX-License-Identifier: MIT
 */
#include "caps.h"

#include <cap-ng.h>
#include <errno.h>

#include "trace.h"

bool caps_have(unsigned capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability) == 1;
}

/* libcap-ng tells failures by negative codes of its own; errno is what the kernel said. */
static int apply(capng_select_t what, struct failure *f)
{
	errno = EPERM;
	if (trace_result(capng_apply(what) == 0 ? 0 : -1) == 0)
		return 0;
	return failure_errno(f, "keep the capabilities", NULL);
}

int caps_keep(struct failure *f)
{
	if (!trace_is_dry_run() && capng_get_caps_process() != 0)
		return failure_errno(f, "read the capabilities", NULL);
	for (int cap = 0; cap <= CAP_LAST_CAP && !trace_is_dry_run(); cap++)
		if (capng_have_capability(CAPNG_PERMITTED, (unsigned)cap))
			capng_update(CAPNG_ADD, CAPNG_INHERITABLE | CAPNG_AMBIENT, (unsigned)cap);
	if (trace_call("capset(inheritable = permitted)") && apply(CAPNG_SELECT_CAPS, f) != 0)
		return -1;
	if (trace_call("prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, permitted)") &&
	    apply(CAPNG_SELECT_AMBIENT, f) != 0)
		return -1;
	return 0;
}
