/*
 * uts.c - the names of a UTS namespace (uts_namespaces(7))
 *
 * SPDX-License-Identifier: MIT
 */
#include "uts.h"

#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "trace.h"

const struct uts_name uts_host = { "host name", "sethostname", sethostname };
const struct uts_name uts_domain = { "NIS domain name", "setdomainname", setdomainname };

int uts_check(const char *option, const char *text, struct failure *f)
{
	char escaped[4 * KERNEL_HOSTNAME_BYTES + 8];
	size_t length = strlen(text);

	if (length == 0)
		return failure_option(f, option, "the name is empty");
	if (length > KERNEL_HOSTNAME_BYTES)
		return failure_option(f, option, "the name is %zu bytes long, the limit is %d",
				      length, KERNEL_HOSTNAME_BYTES);
	message_escape(text, escaped, sizeof(escaped));
	if (strcmp(text, escaped) != 0 || strchr(text, ' ') != NULL)
		return failure_option(f, option,
				      "the name has a control character or white space, or is no "
				      "UTF-8");
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
