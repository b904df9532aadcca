/*
 * nslimits.c - which types of namespaces there are here, and how many may be made
 *
 * SPDX-License-Identifier: MIT
 */
#include "nslimits.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "json.h"
#include "num.h"
#include "probe.h"

struct limit {
	const struct nstype *type;
	bool in_kernel;
	size_t found;
	bool has_most;
	uint64_t most;
	int error; /* of making one more, or 0, or PROBE_KILLED; -1: there is no child to try it */
	bool in_user; /* only together with a user namespace */
};

static size_t count(const struct census *census, const struct nstype *type)
{
	size_t found = 0;

	for (size_t i = 0; i < census->namespaces; i++)
		found += census->ns[i]->type == type;
	return found;
}

static struct limit find_limit(const struct census *census, const struct nstype *type)
{
	struct limit limit = { .type = type, .found = count(census, type) };
	char path[64], text[32];
	ssize_t n;

	snprintf(path, sizeof(path), "self/%s", type->link);
	limit.in_kernel = faccessat(census->proc, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	snprintf(path, sizeof(path), "sys/user/%s", type->limit);
	n = file_read(census->proc, path, text, sizeof(text));
	if (n > 0)
		text[n - 1] = '\0';
	limit.has_most = n > 0 && num_parse(text, UINT64_MAX, &limit.most);
	if (!limit.in_kernel)
		return limit;
	limit.error = probe_unshare(type->flag);
	if (limit.error == EPERM && type->flag != CLONE_NEWUSER) {
		limit.error = probe_unshare(type->flag | CLONE_NEWUSER);
		limit.in_user = limit.error == 0;
	}
	return limit;
}

/* ENOSPC, EUSERS before 4.9: the figures of ancestors are not for us to read. */
static const char *reason(int error)
{
	return error == ENOSPC || error == EUSERS ? "limit reached here or in an ancestor"
	       : error == PROBE_KILLED            ? "a filter of system calls ends who tries"
						  : strerror(error);
}

static void print_json(const struct limit *limit, FILE *file)
{
	fprintf(file, "      {\"type\": \"%s\", \"kernel\": %s, \"found\": %zu, \"max\": ",
		limit->type->name, limit->in_kernel ? "true" : "false", limit->found);
	fprintf(file, limit->has_most ? "%ju" : "null", (uintmax_t)limit->most);
	fprintf(file, ", \"new\": %s, \"userns\": %s, \"reason\": ",
		limit->in_kernel && limit->error == 0 ? "true" : "false",
		limit->in_user ? "true" : "false");
	if (limit->in_kernel && limit->error != 0)
		json_string(file, reason(limit->error));
	else
		fputs("null", file);
	fputs("}", file);
}

static int print_line(const struct limit *limit, struct show *show)
{
	char found[24], most[24] = "";
	const char *new = !limit->in_kernel   ? "not in this kernel"
			  : limit->error != 0 ? reason(limit->error)
			  : limit->in_user    ? "yes, in a new user namespace"
					      : "yes";
	char *cell[] = { (char *)limit->type->name, (char *)(limit->in_kernel ? "yes" : "no"),
			 found, most, (char *)new };
	struct show_line *line;

	snprintf(found, sizeof(found), "%zu", limit->found);
	if (limit->has_most)
		snprintf(most, sizeof(most), "%ju", (uintmax_t)limit->most);
	return show_add(show, cell, NULL, &line);
}

/* All is tried before anything is printed.  Returns the number of limits, or -1 and f. */
static int find_limits(const struct census *census, int flags, struct limit *limits,
		       struct failure *f)
{
	int count = 0;

	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		if ((flags & nstypes[i].flag) == 0)
			continue;
		limits[count] = find_limit(census, &nstypes[i]);
		if (limits[count++].error < 0)
			return failure_errno(f, "fork a child to try with", NULL);
	}
	return count;
}

int nslimits_print(const struct census *census, int flags, const struct show_options *options,
		   FILE *file, struct failure *f)
{
	static const struct show_column columns[] = {
		{ "TYPE", 0, 0 },         { "KERNEL", 0, 0 }, { "FOUND", 0, SHOW_RIGHT },
		{ "MAX", 0, SHOW_RIGHT }, { "NEW", 0, 0 },
	};
	struct limit limits[NSTYPE_COUNT];
	int count = find_limits(census, flags, limits, f), status;
	struct show *show;

	if (count < 0)
		return -1;
	show = show_start(options, columns, sizeof(columns) / sizeof(columns[0]));
	status = show != NULL ? 0 : -1;
	for (int i = 0; status == 0 && i < count; i++) {
		if (options->json) {
			fputs(i == 0 ? "{\n   \"schema\": 1,\n   \"limits\": [\n" : ",\n", file);
			print_json(&limits[i], file);
		} else
			status = print_line(&limits[i], show);
	}
	if (options->json)
		fputs("\n   ]\n}\n", file);
	else if (status == 0)
		status = show_print(show, file);
	if (status != 0)
		failure_errno(f, "print the limits", NULL);
	show_free(show);
	return status;
}
