/*
 * caps.c - capabilities; the only user of libcap-ng
 *
 * SPDX-License-Identifier: MIT
 */
#include "caps.h"

#include <cap-ng.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>

#include "trace.h"

enum { CAPS_MAX = 64, TEXT_BYTES = 1280 };

static uint64_t bit(unsigned capability)
{
	return UINT64_C(1) << capability;
}

bool caps_have(unsigned capability)
{
	return capng_have_capability(CAPNG_EFFECTIVE, capability) == 1;
}

/* One of our sets, as the library read it. */
static uint64_t current(capng_type_t which)
{
	uint64_t set = 0;

	for (unsigned cap = 0; cap < CAPS_MAX; cap++)
		if (capng_have_capability(which, cap) == 1)
			set |= bit(cap);
	return set;
}

static int read_current(struct failure *f)
{
	return capng_get_caps_process() == 0 ? 0 : failure_errno(f, "read the capabilities", NULL);
}

static void assign(unsigned types, uint64_t set)
{
	for (unsigned cap = 0; cap < CAPS_MAX; cap++)
		capng_update((set & bit(cap)) != 0 ? CAPNG_ADD : CAPNG_DROP, (capng_type_t)types,
			     cap);
}

/* "CAP_CHOWN|CAP_KILL", "0", or, where that is shorter, "~(CAP_SYS_ADMIN)". */
static const char *set_text(uint64_t set, char text[TEXT_BYTES])
{
	bool inverse = __builtin_popcountll(set) > CAP_LAST_CAP / 2;
	size_t used = (size_t)snprintf(text, TEXT_BYTES, "%s", inverse ? "~(" : "");
	const char *bar = "";

	for (unsigned cap = 0; cap <= CAP_LAST_CAP; cap++) {
		const char *name = capng_capability_to_name(cap);

		if (((set & bit(cap)) != 0) == inverse || name == NULL)
			continue;
		used += (size_t)snprintf(text + used, TEXT_BYTES - used, "%sCAP_", bar);
		while (*name != '\0' && used < TEXT_BYTES - 1)
			text[used++] = (char)toupper((unsigned char)*name++);
		bar = "|";
	}
	snprintf(text + used, TEXT_BYTES - used, "%s%s", *bar == '\0' ? "0" : "",
		 inverse ? ")" : "");
	return text;
}

static bool parse_name(const char *word, size_t length, uint64_t *set)
{
	char name[32];
	int cap;

	if (length >= sizeof(name))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	if (strcasecmp(name, "all") == 0) {
		*set = UINT64_MAX;
		return true;
	}
	cap = capng_name_to_capability(strncasecmp(name, "cap_", 4) == 0 ? name + 4 : name);
	if (cap >= 0)
		*set |= bit((unsigned)cap);
	return cap >= 0 || strcasecmp(name, "none") == 0;
}

int caps_parse(const char *option, const char *list, uint64_t *set, struct failure *f)
{
	for (;;) {
		size_t length = strcspn(list, ",");

		if (!parse_name(list, length, set))
			return failure_option(f, option, "no such capability: '%.*s'", (int)length,
					      list);
		if (list[length] == '\0')
			return 0;
		list += length + 1;
	}
}

/* What this process has of one set; by the time of a dry run's exec it may be everything. */
static uint64_t held(const struct caps_change *change, capng_type_t which)
{
	bool all = change->all_held && trace_is_dry_run();

	return all ? bit(CAP_LAST_CAP + 1) - 1 : current(which);
}

/* What is left in the permitted set; "all" is what there is. */
static uint64_t kept(const struct caps_change *change)
{
	uint64_t set = change->only && change->set != UINT64_MAX ? change->set
								 : held(change, CAPNG_PERMITTED);

	return set & ~change->drop;
}

/*
 * The bounding set is asked of the kernel itself: libcap-ng reads it in /proc, which
 * may be that of another PID namespace, or of a root that cannot be trusted.
 */
static int read_bounding(const struct caps_change *change, uint64_t *set, struct failure *f)
{
	*set = 0;
	for (unsigned cap = 0; cap < CAPS_MAX; cap++) {
		int has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (has < 0 && errno == EINVAL && cap > 0)
			break; /* the kernel has no more */
		if (has < 0)
			return failure_errno(f, "read the capabilities", NULL);
		*set |= has > 0 ? bit(cap) : 0;
	}
	if (change->all_held && trace_is_dry_run())
		*set = bit(CAP_LAST_CAP + 1) - 1;
	return 0;
}

/* What is in the bounding set and is to go. */
static int find_unbound(const struct caps_change *change, uint64_t *set, struct failure *f)
{
	*set = 0;
	if (!change->only && change->drop == 0)
		return 0;
	if (read_current(f) != 0 || read_bounding(change, set, f) != 0)
		return -1;
	*set &= change->only ? ~kept(change) : change->drop;
	return 0;
}

static int drop_bounding(uint64_t set)
{
	for (unsigned cap = 0; cap < CAPS_MAX; cap++)
		if ((set & bit(cap)) != 0 && (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 ||
					      prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0))
			return -1;
	return 0;
}

int caps_change_bounding(const struct caps_change *change, struct failure *f)
{
	char text[TEXT_BYTES];
	uint64_t set;

	if (find_unbound(change, &set, f) != 0)
		return -1;
	if (set == 0 || !trace_call("prctl(PR_CAPBSET_DROP, %s)", set_text(set, text)) ||
	    trace_result(drop_bounding(set)) == 0)
		return 0;
	return failure_errno(f, "limit the capabilities", NULL);
}

/* libcap-ng tells failures by negative codes of its own; errno is what the kernel said. */
static int apply(capng_select_t what)
{
	errno = EPERM;
	return (int)trace_result(capng_apply(what) == 0 ? 0 : -1);
}

int caps_keep_over_setuid(struct failure *f)
{
	if (!trace_call("prctl(PR_SET_KEEPCAPS, 1)") ||
	    trace_result(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)) == 0)
		return 0;
	return failure_errno(f, "keep the capabilities", NULL);
}

/* None of those may be missing: the kernel would only say "not permitted". */
static int check_held(const struct caps_change *change, uint64_t wanted, struct failure *f)
{
	uint64_t bounding, missing;
	char text[TEXT_BYTES];

	if (read_bounding(change, &bounding, f) != 0)
		return -1;
	missing = wanted &
		  ~(held(change, CAPNG_PERMITTED) & (change->only ? bounding : UINT64_MAX));
	if (missing == 0)
		return 0;
	return failure_reason(f, "keep", set_text(missing, text), "you do not have it");
}

int caps_check(const struct caps_change *change, struct failure *f)
{
	uint64_t set;

	if (find_unbound(change, &set, f) != 0 || read_current(f) != 0)
		return -1;
	errno = EPERM;
	if (set != 0 && !change->all_held && !caps_have(CAP_SETPCAP))
		return failure_errno(f, "limit the capabilities", NULL);
	return change->only ? check_held(change, kept(change), f) : 0;
}

static int change_sets(const struct caps_change *change, uint64_t set, struct failure *f)
{
	char text[TEXT_BYTES], line[TEXT_BYTES + 64] = "inheritable = permitted";

	if (change->only)
		snprintf(line, sizeof(line), "permitted = inheritable = %s", set_text(set, text));
	else if (change->drop != 0)
		snprintf(line, sizeof(line), "permitted, inheritable %s %s",
			 change->keep ? "= permitted &" : "&=", set_text(~change->drop, text));
	if (change->keep || change->only) {
		assign(CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE | CAPNG_AMBIENT, set);
	} else {
		assign(CAPNG_EFFECTIVE, current(CAPNG_EFFECTIVE) & set);
		assign(CAPNG_INHERITABLE, current(CAPNG_INHERITABLE) & ~change->drop);
		assign(CAPNG_PERMITTED, set);
	}
	if (!trace_call("capset(%s)", line) || apply(CAPNG_SELECT_CAPS) == 0)
		return 0;
	return failure_errno(f, "change the capabilities", NULL);
}

int caps_change(const struct caps_change *change, struct failure *f)
{
	char text[TEXT_BYTES];
	uint64_t set;

	if (!change->keep && !change->only && change->drop == 0)
		return 0;
	if (read_current(f) != 0)
		return -1;
	set = kept(change);
	if (check_held(change, set, f) != 0 || change_sets(change, set, f) != 0)
		return -1;
	if (!change->keep && !change->only)
		return 0; /* the kernel takes out of the ambient set what is not permitted */
	if (!trace_call("prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, %s)",
			change->only ? set_text(set, text) : "permitted") ||
	    apply(CAPNG_SELECT_AMBIENT) == 0)
		return 0;
	return failure_errno(f, "keep the capabilities", NULL);
}

int caps_forbid_gain(struct failure *f)
{
	if (!trace_call("prctl(PR_SET_NO_NEW_PRIVS, 1)") ||
	    trace_result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) == 0)
		return 0;
	return failure_errno(f, "set no_new_privs", NULL);
}

int caps_drop_all(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	errno = EPERM;
	return capng_apply(CAPNG_SELECT_CAPS) == 0 ? 0 : -1;
}
