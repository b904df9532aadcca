/*
 * show.c - tables, trees and lists of JSON objects, by libsmartcols
 *
 * SPDX-License-Identifier: MIT
 */
#include "show.h"

#include <errno.h>
#include <langinfo.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "config.h"

struct show {
	struct libscols_table *table;
	const struct show_column *column;
	size_t columns;
	struct show_options options;
	struct show_filter *filter;
};

bool show_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

char *show_escape(const char *text, bool ascii)
{
	char *escaped = malloc(4 * strlen(text) + 1), *to = escaped;

	if (escaped == NULL)
		return NULL;
	while (*text != '\0') {
		size_t length = message_printable_length(text);

		if (*text == '\\')
			to += sprintf(to, "\\\\");
		else if (length == 0 || (ascii && length > 1))
			to += sprintf(to, "\\x%02x", (unsigned char)*text);
		else
			to = mempcpy(to, text, length);
		text += *text == '\\' || length == 0 || (ascii && length > 1) ? 1 : length;
	}
	*to = '\0';
	return escaped;
}

/* A raw table has its own escapes, of blanks too. */
char *show_cell(const struct show_options *options, const char *text)
{
	return options->raw ? strdup(text) : show_escape(text, !options->json && !show_is_utf8());
}

static int add_column(struct show *show, const struct show_column *from)
{
	autofree char *name = show_cell(&show->options, from->name);
	int flags = ((from->flags & SHOW_RIGHT) != 0 ? SCOLS_FL_RIGHT : 0) |
		    ((from->flags & SHOW_CUT) != 0 ? SCOLS_FL_TRUNC : 0) |
		    ((from->flags & SHOW_LINES) != 0 ? SCOLS_FL_WRAP : 0) |
		    ((from->flags & SHOW_TREE) != 0 ? SCOLS_FL_TREE : 0) |
		    ((from->flags & SHOW_HIDDEN) != 0 ? SCOLS_FL_HIDDEN : 0);
	struct libscols_column *to = NULL;

	if (name != NULL)
		to = scols_table_new_column(show->table, name, from->width, flags);
	if (to == NULL)
		return -1;
	if ((show->options.json || show->filter != NULL) && (from->flags & SHOW_NUMBER) != 0)
		scols_column_set_json_type(to, SCOLS_JSON_NUMBER);
	if ((from->flags & SHOW_LINES) == 0)
		return 0;
	scols_column_set_safechars(to, "\n");
	return scols_column_set_wrapfunc(to, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

struct show *show_start(const struct show_options *options, const struct show_column *column,
			size_t columns)
{
	struct show *show = calloc(1, sizeof(*show));
	bool failed;

	if (show == NULL)
		return NULL;
	show->table = scols_new_table();
	show->column = column;
	show->columns = columns;
	show->options = *options;
	failed = show->table == NULL || scols_table_set_name(show->table, options->name) != 0 ||
		 scols_table_enable_raw(show->table, options->raw) != 0 ||
		 scols_table_enable_json(show->table, options->json) != 0 ||
		 scols_table_enable_noheadings(show->table, options->no_headings) != 0 ||
		 scols_table_enable_colors(show->table, options->color) != 0 ||
		 /* Headings and cells are escaped here; twice would be once too much. */
		 scols_table_enable_noencoding(show->table, 1) != 0;
	for (size_t i = 0; !failed && i < columns; i++)
		failed = add_column(show, &column[i]) != 0;
	if (!failed)
		return show;
	show_free(show);
	errno = ENOMEM;
	return NULL;
}

void show_free(struct show *show)
{
	if (show == NULL)
		return;
	scols_unref_table(show->table);
	free(show);
}

static int set_cell(struct show *show, struct libscols_line *line, size_t i, const char *text)
{
	bool escaped = (show->column[i].flags & SHOW_ESCAPED) != 0;
	char *data = escaped ? strdup(text) : show_cell(&show->options, text);

	if (data != NULL && scols_line_refer_data(line, i, data) == 0)
		return 0;
	free(data);
	return -1;
}

#ifdef HAVE_SCOLS_FILTER
/* 1: the line stays, 0: it does not, -1 with errno. */
static int apply_filter(struct show *show, struct libscols_line *line)
{
	int status = 1;

	if (show->filter == NULL)
		return 1;
	if (scols_line_apply_filter(line, (struct libscols_filter *)show->filter, &status) != 0) {
		errno = EINVAL;
		return -1;
	}
	if (status == 0)
		scols_table_remove_line(show->table, line);
	return status != 0;
}

struct show_filter *show_filter_new(const char *expression, struct failure *f)
{
	struct libscols_filter *filter = scols_new_filter(NULL);

	if (filter == NULL) {
		failure_errno(f, "make a filter", NULL);
		return NULL;
	}
	if (scols_filter_parse_string(filter, expression) == 0)
		return (struct show_filter *)filter;
	failure_option(f, "--filter", "'%s': %s", expression, scols_filter_get_errmsg(filter));
	scols_unref_filter(filter);
	return NULL;
}

void show_filter_free(struct show_filter *filter)
{
	if (filter != NULL)
		scols_unref_filter((struct libscols_filter *)filter);
}

int show_filter_columns(struct show_filter *filter, int (*found)(void *context, const char *name),
			void *context)
{
	struct libscols_iter *at = scols_new_iter(SCOLS_ITER_FORWARD);
	const char *name;
	int status = 0;

	if (at == NULL)
		return -1;
	while (status == 0 &&
	       scols_filter_next_holder((struct libscols_filter *)filter, at, &name, 0) == 0)
		status = found(context, name);
	scols_free_iter(at);
	return status;
}

void show_set_filter(struct show *show, struct show_filter *filter)
{
	struct libscols_filter *scols = (struct libscols_filter *)filter;
	struct libscols_iter *at = scols_new_iter(SCOLS_ITER_FORWARD);
	const char *name;

	show->filter = filter;
	while (at != NULL && scols_filter_next_holder(scols, at, &name, 0) == 0)
		scols_filter_assign_column(scols, at, name,
					   scols_table_get_column_by_name(show->table, name));
	scols_free_iter(at);
	for (size_t i = 0; i < show->columns; i++)
		if ((show->column[i].flags & SHOW_NUMBER) != 0)
			scols_column_set_json_type(scols_table_get_column(show->table, i),
						   SCOLS_JSON_NUMBER);
}
#else
static int apply_filter(struct show *show, struct libscols_line *line)
{
	(void)show;
	(void)line;
	return 1;
}

struct show_filter *show_filter_new(const char *expression, struct failure *f)
{
	(void)expression;
	failure_option(
		f, "--filter",
		"this ns-list was built with libsmartcols %s, which has no filters; it needs "
		"2.40",
		LIBSMARTCOLS_VERSION);
	return NULL;
}

void show_filter_free(struct show_filter *filter)
{
	(void)filter;
}

int show_filter_columns(struct show_filter *filter, int (*found)(void *context, const char *name),
			void *context)
{
	(void)filter;
	(void)found;
	(void)context;
	return 0;
}

void show_set_filter(struct show *show, struct show_filter *filter)
{
	show->filter = filter;
}
#endif

int show_add(struct show *show, char *const cell[], const char *color, struct show_line **line)
{
	struct libscols_line *added = scols_table_new_line(show->table, NULL);
	int stays;

	*line = NULL;
	errno = ENOMEM;
	if (added == NULL)
		return -1;
	for (size_t i = 0; i < show->columns; i++)
		if (cell[i] != NULL && set_cell(show, added, i, cell[i]) != 0)
			return -1;
	if (color != NULL && scols_line_set_color(added, color) != 0)
		return -1;
	stays = apply_filter(show, added);
	if (stays == 1)
		*line = (struct show_line *)added;
	return stays < 0 ? -1 : 0;
}

int show_attach(struct show_line *line, struct show_line *parent)
{
	if (line == NULL || parent == NULL)
		return 0;
	return scols_line_add_child((struct libscols_line *)parent, (struct libscols_line *)line);
}

int show_print(struct show *show, FILE *file)
{
	scols_table_set_stream(show->table, file);
	return scols_print_table(show->table) == 0 ? 0 : -1;
}

int show_finish(struct show *show, int status, const char *verb, FILE *file, struct failure *f)
{
	if (status == 0)
		status = show_print(show, file);
	if (status != 0)
		failure_errno(f, verb, NULL);
	show_free(show);
	return status;
}
