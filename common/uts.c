/*
 * uts.c - the names of a UTS namespace (uts_namespaces(7))
 *
 * SPDX-License-Identifier: MIT
 */
#include "uts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "trace.h"

const struct uts_name uts_host = { "set the host name", "sethostname", sethostname };
const struct uts_name uts_domain = { "set the NIS domain name", "setdomainname", setdomainname };

static int refuse(const struct uts_name *name, const char *option, const char *text,
		  const char *reason, struct failure *f)
{
	if (option != NULL)
		return failure_option(f, option, "%s", reason);
	return failure_reason(f, name->verb, text, "%s", reason);
}

/* White space beyond ASCII, and format characters, which are not seen (Unicode's Zs, Zl, Zp, Cf). */
static const unsigned long unseen[][2] = {
	{ 0xa0, 0xa0 },     { 0xad, 0xad },     { 0x1680, 0x1680 },   { 0x180e, 0x180e },
	{ 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f },   { 0x3000, 0x3000 },
	{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
};

/* One character of UTF-8. */
static bool is_seen(const char *text, size_t length)
{
	unsigned long code = (unsigned char)text[0] & (length == 1 ? 0x7f : 0x7f >> length);

	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (code >= unseen[i][0] && code <= unseen[i][1])
			return false;
	return code != ' ';
}

static bool is_plain(const char *text)
{
	size_t length;

	for (; *text != '\0'; text += length) {
		length = message_printable_length(text);
		if (length == 0 || !is_seen(text, length))
			return false;
	}
	return true;
}

int uts_check(const struct uts_name *name, const char *option, const char *text, struct failure *f)
{
	char reason[64];
	size_t length = strlen(text);

	if (length == 0)
		return refuse(name, option, text, "the name is empty", f);
	snprintf(reason, sizeof(reason), "the name is %zu bytes long, the limit is %d", length,
		 KERNEL_HOSTNAME_BYTES);
	if (length > KERNEL_HOSTNAME_BYTES)
		return refuse(name, option, text, reason, f);
	if (!is_plain(text))
		return refuse(name, option, text,
			      "the name has a control character or white space, or is no UTF-8", f);
	return 0;
}

int uts_set(const struct uts_name *name, const char *text, struct failure *f)
{
	if (!trace_call("%s(\"%s\", %zu)", name->call, text, strlen(text)) ||
	    trace_result(name->set(text, strlen(text))) == 0)
		return 0;
	return failure_errno(f, name->verb, text);
}
