/*
 * compare.c - what processes and namespaces have in common
 *
 * SPDX-License-Identifier: MIT
 */
#include "compare.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "json.h"

int compare_types(const struct nsref_target *target, size_t targets, int flags)
{
	for (size_t i = 0; i < targets; i++)
		if (target[i].ns != NULL)
			flags &= target[i].ns->type->flag;
	return flags;
}

static enum compare_result compare_type(const struct nsref_target *target, size_t targets,
					const struct nstype *type)
{
	ino_t first = nsref_inode(&target[0], type);
	enum compare_result result = COMPARE_SAME;

	for (size_t i = 0; i < targets; i++) {
		ino_t inode = nsref_inode(&target[i], type);

		if (inode == 0)
			return COMPARE_UNKNOWN;
		if (inode != first)
			result = COMPARE_DIFFERENT;
	}
	return result;
}

enum compare_result compare(const struct nsref_target *target, size_t targets, int flags)
{
	enum compare_result worst = COMPARE_SAME;

	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		enum compare_result result = COMPARE_SAME;

		if ((flags & nstypes[i].flag) != 0)
			result = compare_type(target, targets, &nstypes[i]);
		if (result > worst)
			worst = result;
	}
	return worst;
}

static void print_json_type(const struct nsref_target *target, size_t targets,
			    const struct nstype *type, FILE *file)
{
	static const char *const same[] = { "true", "false", "null" };

	fprintf(file, "      {\"type\": \"%s\", \"same\": %s, \"ns\": [", type->name,
		same[compare_type(target, targets, type)]);
	for (size_t i = 0; i < targets; i++) {
		ino_t inode = nsref_inode(&target[i], type);

		fprintf(file, inode != 0 ? "%s%ju" : "%snull", i > 0 ? ", " : "", (uintmax_t)inode);
	}
	fputs("]}", file);
}

static void print_json(const struct nsref_target *target, size_t targets, int flags, FILE *file)
{
	const char *between = "\n";

	fputs("{\n   \"schema\": 1,\n   \"targets\": [", file);
	for (size_t i = 0; i < targets; i++) {
		fputs(i > 0 ? ", " : "", file);
		json_string(file, target[i].ref->text);
	}
	fputs("],\n   \"namespaces\": [", file);
	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		if ((flags & nstypes[i].flag) == 0)
			continue;
		fputs(between, file);
		print_json_type(target, targets, &nstypes[i], file);
		between = ",\n";
	}
	fputs("\n   ]\n}\n", file);
}

static int add_type(struct show *show, const struct nsref_target *target, size_t targets,
		    const struct nstype *type)
{
	char(*text)[24] = calloc(targets + 1, sizeof(*text));
	char **cell = calloc(targets + 1, sizeof(*cell));
	ino_t first = nsref_inode(&target[0], type);
	struct show_line *line;
	int status = -1;

	for (size_t i = 0; text != NULL && cell != NULL && i < targets; i++) {
		ino_t inode = nsref_inode(&target[i], type);

		if (inode != 0 && (i == 0 || inode != first))
			snprintf(text[i], sizeof(text[i]), "%ju", (uintmax_t)inode);
		else
			strcpy(text[i], inode == 0 ? "?" : "=");
		cell[i + 1] = text[i];
	}
	if (text != NULL && cell != NULL) {
		cell[0] = (char *)type->name;
		status = show_add(show, cell, NULL, &line);
	}
	free(text);
	free(cell);
	return status;
}

static int print_table(const struct nsref_target *target, size_t targets, int flags,
		       const struct show_options *options, const struct show_column *columns,
		       FILE *file, struct failure *f)
{
	struct show *show = show_start(options, columns, targets + 1);
	int status = show != NULL ? 0 : -1;

	for (size_t i = 0; status == 0 && i < NSTYPE_COUNT; i++)
		if ((flags & nstypes[i].flag) != 0)
			status = add_type(show, target, targets, &nstypes[i]);
	return show_finish(show, status, "print the comparison", file, f);
}

int compare_print(const struct nsref_target *target, size_t targets, int flags,
		  const struct show_options *options, FILE *file, struct failure *f)
{
	autofree struct show_column *columns = NULL;

	if (options->json) {
		print_json(target, targets, flags, file);
		return 0;
	}
	columns = calloc(targets + 1, sizeof(*columns));
	if (columns == NULL)
		return failure_errno(f, "print the comparison", NULL);
	columns[0].name = "TYPE";
	for (size_t i = 0; i < targets; i++)
		columns[i + 1].name = target[i].ref->text;
	return print_table(target, targets, flags, options, columns, file, f);
}
