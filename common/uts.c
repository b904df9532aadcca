/*
 * uts.c - the names of a UTS namespace (uts_namespaces(7))
 *
 * SPDX-License-Identifier: MIT
 */
#include "uts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "trace.h"

const struct uts_name uts_host = { "host name", "sethostname", sethostname };
const struct uts_name uts_domain = { "NIS domain name", "setdomainname", setdomainname };

static int refuse(const struct uts_name *name, const char *option, const char *text,
		  const char *reason, struct failure *f)
{
	char verb[32] = "set the ";

	if (option != NULL)
		return failure_option(f, option, "%s", reason);
	return failure_reason(f, strcat(verb, name->noun), text, "%s", reason);
}

int uts_check(const struct uts_name *name, const char *option, const char *text, struct failure *f)
{
	char escaped[4 * KERNEL_HOSTNAME_BYTES + 8], reason[64];
	size_t length = strlen(text);

	if (length == 0)
		return refuse(name, option, text, "the name is empty", f);
	snprintf(reason, sizeof(reason), "the name is %zu bytes long, the limit is %d", length,
		 KERNEL_HOSTNAME_BYTES);
	if (length > KERNEL_HOSTNAME_BYTES)
		return refuse(name, option, text, reason, f);
	message_escape(text, escaped, sizeof(escaped));
	if (strcmp(text, escaped) != 0 || strchr(text, ' ') != NULL)
		return refuse(name, option, text,
			      "the name has a control character or white space, or is no UTF-8", f);
	return 0;
}

int uts_set(const struct uts_name *name, const char *text, struct failure *f)
{
	char verb[32] = "set the ";

	if (!trace_call("%s(\"%s\", %zu)", name->call, text, strlen(text)) ||
	    trace_result(name->set(text, strlen(text))) == 0)
		return 0;
	return failure_errno(f, strcat(verb, name->noun), text);
}
