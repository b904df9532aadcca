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
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "num.h"

struct limit {
	const struct nstype *type;
	bool in_kernel;
	size_t found;
	bool has_most;
	uint64_t most;
	int error;    /* of making one more, or 0 */
	bool in_user; /* only together with a user namespace */
};

/* The errno of unshare(2) in a child; a namespace that it makes goes with it. */
static int try_to_make(int flags)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0)
		_exit(unshare(flags) == 0 ? 0 : errno);
	if (child < 0)
		return errno;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

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
	limit.error = try_to_make(type->flag);
	if (limit.error == EPERM && type->flag != CLONE_NEWUSER) {
		limit.in_user = try_to_make(type->flag | CLONE_NEWUSER) == 0;
		limit.error = limit.in_user ? 0 : EPERM;
	}
	return limit;
}

/* ENOSPC, EUSERS before 4.9: the figures of ancestors are not for us to read. */
static const char *reason(int error)
{
	return error == ENOSPC || error == EUSERS ? "limit reached here or in an ancestor"
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
		show_json_string(file, reason(limit->error));
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

int nslimits_print(const struct census *census, int flags, const struct show_options *options,
		   FILE *file, struct failure *f)
{
	static const struct show_column columns[] = {
		{ "TYPE", 0, 0 },         { "KERNEL", 0, 0 }, { "FOUND", 0, SHOW_RIGHT },
		{ "MAX", 0, SHOW_RIGHT }, { "NEW", 0, 0 },
	};
	struct show *show = show_start(options, columns, sizeof(columns) / sizeof(columns[0]));
	const char *between = "{\n   \"schema\": 1,\n   \"limits\": [\n";
	int status = show != NULL ? 0 : -1;

	for (size_t i = 0; status == 0 && i < NSTYPE_COUNT; i++) {
		struct limit limit;

		if ((flags & nstypes[i].flag) == 0)
			continue;
		limit = find_limit(census, &nstypes[i]);
		if (options->json) {
			fputs(between, file);
			print_json(&limit, file);
		} else
			status = print_line(&limit, show);
		between = ",\n";
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
