/*
 * listing.c - lists and trees of namespaces, or of the processes in them
 *
 * SPDX-License-Identifier: MIT
 */
#include "listing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

/* --- Columns */

const char *const listing_defaults[] = {
	[LISTING_PLAIN] = "NS,TYPE,NPROCS,PID,USER,COMMAND",
	[LISTING_NAMED] = "NS,TYPE,NPROCS,PID,USER,NAME,COMMAND",
	[LISTING_NET] = "NS,TYPE,NPROCS,PID,USER,NETNSID,NSFS,COMMAND",
	[LISTING_PROCESSES] = "PID,PPID,USER,COMMAND",
	[LISTING_PROCESSES_OF_MANY] = "NS,TYPE,PID,PPID,USER,COMMAND",
};

static int add_column(struct listing *listing, const char *name, size_t length, struct failure *f)
{
	enum column_id id = column_find(name, length);

	if (id == COLUMN_COUNT) {
		failure_option(f, "--output", "unknown column '%.*s'", (int)length, name);
		failure_hint(f, "there is no such column; see 'ns-list -H'");
		return -1;
	}
	if (listing->columns == LISTING_COLUMNS)
		return failure_option(f, "--output", "more than %d columns", LISTING_COLUMNS);
	listing->column[listing->columns++] = id;
	return 0;
}

int listing_set_columns(struct listing *listing, const char *text, struct failure *f)
{
	if (*text == '+')
		text++;
	else
		listing->columns = 0;
	for (;;) {
		size_t length = strcspn(text, ",");

		if (add_column(listing, text, length, f) != 0)
			return -1;
		if (text[length] == '\0')
			return 0;
		text += length + 1;
	}
}

struct wanted {
	uint32_t columns; /* a mask */
	const char *unknown;
};

static int want_column(void *context, const char *name)
{
	struct wanted *wanted = context;
	enum column_id id = column_find(name, strlen(name));

	if (id == COLUMN_COUNT)
		wanted->unknown = name;
	else
		wanted->columns |= 1u << id;
	return id == COLUMN_COUNT;
}

static struct wanted find_wanted(const struct listing *listing)
{
	struct wanted wanted = { 0 };

	for (size_t i = 0; i < listing->columns; i++)
		wanted.columns |= 1u << listing->column[i];
	if (listing->filter != NULL)
		show_filter_columns(listing->filter, want_column, &wanted);
	return wanted;
}

int listing_set_filter(struct listing *listing, const char *text, struct failure *f)
{
	struct wanted wanted;

	listing->filter = show_filter_new(text, f);
	if (listing->filter == NULL)
		return -1;
	wanted = find_wanted(listing);
	return wanted.unknown == NULL
		       ? 0
		       : failure_option(f, "--filter", "unknown column '%s'", wanted.unknown);
}

int listing_needs(const struct listing *listing)
{
	uint32_t columns = find_wanted(listing).columns;
	int needs = listing->tree == LISTING_BY_OWNER || listing->tree == LISTING_BY_PARENT
			    ? CENSUS_RELATIONS
			    : 0;

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		if ((columns & 1u << i) != 0)
			needs |= column_table[i].needs;
	return needs;
}

/* --- Lines */

/* One list while it is put together. */
struct sheet {
	const struct listing *listing;
	const struct census *census;
	struct columns columns;
	enum column_id column[LISTING_COLUMNS + COLUMN_COUNT]; /* and those of the filter */
	struct show_column shown[LISTING_COLUMNS + COLUMN_COUNT];
	size_t count;
	struct show *show;
	struct show_line **process_line; /* the last of each process, by position */
	struct show_line **ns_line;      /* of each namespace */
	bool *wanted;                    /* each namespace that is to be added */
	bool *added;                     /* each namespace, even if the filter left it out */
};

/* In nstypes[]'s order; red is for what is dead. */
static const char *color_of(const struct census_ns *ns)
{
	static const char *const colors[NSTYPE_COUNT] = {
		"\033[33m", "\033[32m", "\033[36m", "\033[35m",
		"\033[34m", "\033[93m", "\033[94m", "\033[90m",
	};

	return ns->dead ? "\033[31m" : colors[ns->type - nstypes];
}

static int add_line(struct sheet *sheet, const struct row *row, struct show_line **line)
{
	const char *color = sheet->listing->show.color ? color_of(row->ns) : NULL;
	char *cell[LISTING_COLUMNS + COLUMN_COUNT];
	int status;

	for (size_t i = 0; i < sheet->count; i++)
		cell[i] = column_table[sheet->column[i]].text(&sheet->columns, row);
	status = show_add(sheet->show, cell, color, line);
	for (size_t i = 0; i < sheet->count; i++)
		free(cell[i]);
	return status;
}

/* A parent is older than its child: PIDs that were used again make no circle. */
static struct show_line *parent_line(const struct sheet *sheet, const struct census_process *child)
{
	const struct census_process *parent = NULL;

	if (child != NULL && child->detailed)
		parent = census_find_process(sheet->census, child->ppid);
	if (parent == NULL || !parent->detailed || parent->start > child->start ||
	    (parent->start == child->start && parent->pid >= child->pid))
		return NULL;
	return sheet->process_line[parent->position];
}

static int add_row(struct sheet *sheet, const struct row *row, struct show_line *below)
{
	struct show_line *line;

	if (add_line(sheet, row, &line) != 0)
		return -1;
	sheet->ns_line[row->ns->position] = line;
	sheet->added[row->ns->position] = true;
	if (sheet->listing->tree == LISTING_BY_PROCESS)
		below = parent_line(sheet, row->process);
	if (row->process != NULL)
		sheet->process_line[row->process->position] = line;
	return show_attach(line, below);
}

static bool is_in(const struct nsref_target *target, const struct census_ns *ns)
{
	if (target->initial)
		return nsref_inode(target, ns->type) == ns->inode;
	return target->process != NULL && target->process->ns[ns->type - nstypes] == ns;
}

/* The owner or parent that the tree is about. */
static struct census_ns *above(const struct sheet *sheet, const struct census_ns *ns)
{
	switch (sheet->listing->tree) {
	case LISTING_BY_OWNER: return ns->owner;
	case LISTING_BY_PARENT: return ns->parent;
	case LISTING_BY_PROCESS:
	case LISTING_FLAT: break;
	}
	return NULL;
}

/*
 * As in lsns(8), what a namespace stands below comes first, asked for or not; in a tree of
 * parents the owner comes before what has no parent.  No more than 33 levels can be made.
 */
static int add_namespace(struct sheet *sheet, struct census_ns *ns)
{
	struct row row = { ns, ns->first };
	struct census_ns *first = above(sheet, ns);

	if (sheet->added[ns->position])
		return 0;
	if (first == NULL && sheet->listing->tree == LISTING_BY_PARENT)
		first = ns->owner;
	if (first != NULL && add_namespace(sheet, first) != 0)
		return -1;
	first = above(sheet, ns);
	return add_row(sheet, &row, first != NULL ? sheet->ns_line[first->position] : NULL);
}

/* Where there are targets, the namespaces of their processes. */
static bool is_wanted(const struct listing *listing, const struct census_ns *ns)
{
	bool wanted = listing->targets == 0;

	for (size_t t = 0; t < listing->targets; t++)
		wanted |= is_in(&listing->target[t], ns);
	return wanted && (listing->flags & ns->type->flag) != 0 &&
	       (!listing->persistent || ns->processes == 0) &&
	       (!listing->pinned || ns->set != NULL);
}

/* As in lsns(8), both trees have the owners of all that is in them, asked for or not. */
static int add_namespaces(struct sheet *sheet)
{
	enum listing_tree tree = sheet->listing->tree;
	bool owners = tree == LISTING_BY_OWNER || tree == LISTING_BY_PARENT;
	const struct census *census = sheet->census;

	for (size_t i = 0; i < census->namespaces; i++) {
		const struct census_ns *ns = census->ns[i];

		for (bool wanted = is_wanted(sheet->listing, ns);
		     wanted && ns != NULL && !sheet->wanted[ns->position];
		     ns = owners ? ns->owner : NULL)
			sheet->wanted[ns->position] = true;
	}
	for (size_t i = 0; i < census->namespaces; i++)
		if (sheet->wanted[i] && add_namespace(sheet, census->ns[i]) != 0)
			return -1;
	return 0;
}

/* The processes that are in the one namespace. */
static int add_processes(struct sheet *sheet, struct census_ns *ns)
{
	for (size_t i = 0; i < sheet->census->processes; i++) {
		struct row row = { ns, sheet->census->process[i] };

		if (row.process->ns[ns->type - nstypes] == ns && add_row(sheet, &row, NULL) != 0)
			return -1;
	}
	return 0;
}

static int fill(struct sheet *sheet)
{
	if (add_namespaces(sheet) != 0)
		return -1;
	for (size_t t = 0; t < sheet->listing->targets; t++) {
		struct census_ns *ns = sheet->listing->target[t].ns;

		if (ns != NULL && add_processes(sheet, ns) != 0)
			return -1;
	}
	return 0;
}

static void set_column(struct sheet *sheet, enum column_id id, int more_flags)
{
	const struct listing *listing = sheet->listing;
	const struct column *column = &column_table[id];
	bool by_process = listing->tree == LISTING_BY_PROCESS;
	int flags = column->flags | more_flags;

	if (listing->no_cut)
		flags &= ~SHOW_CUT;
	if (listing->no_wrap)
		flags &= ~SHOW_LINES;
	if (listing->tree != LISTING_FLAT && id == (by_process ? COLUMN_COMMAND : COLUMN_NS)) {
		flags |= SHOW_TREE;
		flags &= ~SHOW_RIGHT;
	}
	sheet->column[sheet->count] = id;
	sheet->shown[sheet->count++] = (struct show_column){ column->name, column->width, flags };
}

/* The columns, and hidden ones for what the filter asks beyond them. */
static void set_columns(struct sheet *sheet)
{
	const struct listing *listing = sheet->listing;
	struct wanted wanted = find_wanted(listing);
	uint32_t shown = 0;

	for (size_t i = 0; i < listing->columns; i++) {
		set_column(sheet, listing->column[i], 0);
		shown |= 1u << listing->column[i];
	}
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		if ((wanted.columns & ~shown & 1u << i) != 0)
			set_column(sheet, (enum column_id)i, SHOW_HIDDEN);
	columns_start(&sheet->columns, sheet->census, wanted.columns, &listing->show,
		      listing->no_wrap ? ',' : '\n');
}

static int print_sheet(struct sheet *sheet, FILE *file)
{
	const struct census *census = sheet->census;

	sheet->process_line = calloc(census->processes + 1, sizeof(void *));
	sheet->ns_line = calloc(census->namespaces + 1, sizeof(void *));
	sheet->wanted = calloc(census->namespaces + 1, sizeof(*sheet->wanted));
	sheet->added = calloc(census->namespaces + 1, sizeof(*sheet->added));
	sheet->show = show_start(&sheet->listing->show, sheet->shown, sheet->count);
	if (sheet->process_line == NULL || sheet->ns_line == NULL || sheet->wanted == NULL ||
	    sheet->added == NULL || sheet->show == NULL)
		return -1;
	if (sheet->listing->filter != NULL)
		show_set_filter(sheet->show, sheet->listing->filter);
	return fill(sheet) != 0 ? -1 : show_print(sheet->show, file);
}

int listing_print(const struct listing *listing, const struct census *census, FILE *file,
		  struct failure *f)
{
	struct sheet sheet = { .listing = listing, .census = census };
	int status;

	set_columns(&sheet);
	status = print_sheet(&sheet, file);
	if (status != 0)
		failure_errno(f, "print the list", NULL);
	show_free(sheet.show);
	columns_end(&sheet.columns);
	free(sheet.process_line);
	free(sheet.ns_line);
	free(sheet.wanted);
	free(sheet.added);
	return status;
}

int listing_print_columns(const struct show_options *options, FILE *file, struct failure *f)
{
	static const struct show_column columns[] = { { "HOLDER", 0, SHOW_RIGHT },
						      { "TYPE", 0, 0 },
						      { "DESCRIPTION", 0, 0 } };
	struct show *show = show_start(options, columns, sizeof(columns) / sizeof(columns[0]));
	struct show_line *line;
	int status = show != NULL ? 0 : -1;

	for (size_t i = 0; status == 0 && i < COLUMN_COUNT; i++) {
		const struct column *column = &column_table[i];
		bool number = (column->flags & SHOW_NUMBER) != 0;
		char *cell[] = { (char *)column->name, (char *)(number ? "<integer>" : "<string>"),
				 (char *)column->help };

		status = show_add(show, cell, NULL, &line);
	}
	return show_finish(show, status, "print the columns", file, f);
}
