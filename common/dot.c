/*
 * dot.c - a picture of namespaces and processes, for Graphviz
 *
 * SPDX-License-Identifier: MIT
 */
#include "dot.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "procfs.h"
#include "show.h"

enum { NAMED = 4 /* of a cluster so many processes are named, the others counted */ };

/* In nstypes[]'s order; each is told from the others, and black text from it. */
static const char *const colors[NSTYPE_COUNT] = {
	"#f7d154", "#9bd48f", "#8fd3e8", "#d9a9e6", "#8fb4f0", "#f2a37e", "#cbb894", "#cfcfcf",
};

/* A string of the DOT language: there, a quote and a backslash are escaped. */
static void print_string(const char *text, FILE *file)
{
	autofree char *escaped = show_escape(text, false);

	for (const char *c = escaped != NULL ? escaped : ""; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', file);
		fputc(*c, file);
	}
}

static void print_namespace(const struct census_ns *ns, FILE *file)
{
	fprintf(file, "\tns%ju [label=\"%s\\n%ju\\n", (uintmax_t)ns->inode, ns->type->name,
		(uintmax_t)ns->inode);
	if (ns->processes > 0)
		fprintf(file, "%zu process%s", ns->processes, ns->processes > 1 ? "es" : "");
	else if (ns->holders != NULL)
		print_string(ns->holders->reference, file);
	else
		fputs(ns->dead ? "dead" : "no process", file);
	fprintf(file, "\", fillcolor=\"%s\"%s];\n", colors[ns->type - nstypes],
		ns->processes > 0 ? "" : ", style=\"filled,dashed\"");
}

static void print_edges(const struct census_ns *ns, int flags, FILE *file)
{
	const struct census_ns *owner = ns->owner, *parent = ns->parent;

	if (parent != NULL && (flags & parent->type->flag) != 0)
		fprintf(file, "\tns%ju -> ns%ju [style=bold];\n", (uintmax_t)parent->inode,
			(uintmax_t)ns->inode);
	if (owner != NULL && owner != parent && (flags & owner->type->flag) != 0)
		fprintf(file, "\tns%ju -> ns%ju [style=dashed];\n", (uintmax_t)owner->inode,
			(uintmax_t)ns->inode);
}

static ino_t inode_of(const struct census_ns *ns)
{
	return ns != NULL ? ns->inode : 0;
}

static int compare_namespaces(const void *a, const void *b)
{
	const struct census_process *const *x = a, *const *y = b;

	for (size_t i = 0; i < NSTYPE_COUNT; i++)
		if ((*x)->ns[i] != (*y)->ns[i])
			return inode_of((*x)->ns[i]) > inode_of((*y)->ns[i]) ? 1 : -1;
	return ((*x)->pid > (*y)->pid) - ((*x)->pid < (*y)->pid);
}

static bool same_namespaces(const struct census_process *a, const struct census_process *b)
{
	return memcmp(a->ns, b->ns, sizeof(a->ns)) == 0;
}

static void print_process(const struct census *census, const struct census_process *process,
			  FILE *file)
{
	autofd dir = census_open_process(census, process);
	char command[32] = "";

	if (dir >= 0)
		procfs_read_command(dir, command, sizeof(command));
	fprintf(file, "\t\tpid%d [label=\"%d ", process->pid, process->pid);
	print_string(command, file);
	fputs("\"];\n", file);
}

/* The lines of a cluster to the namespaces that tell it from the caller's own. */
static void print_membership(const struct census_process *process,
			     const struct census_process *self, int flags, FILE *file)
{
	for (size_t i = 0; i < NSTYPE_COUNT; i++) {
		const struct census_ns *ns = process->ns[i];

		if (ns != NULL && (flags & ns->type->flag) != 0 &&
		    (self == NULL || self->ns[i] != ns))
			fprintf(file, "\tns%ju -> pid%d [arrowhead=none, color=gray];\n",
				(uintmax_t)ns->inode, process->pid);
	}
}

/* The processes from process[0] on, `count` of them, that are in the same namespaces. */
static void print_cluster(const struct census *census, struct census_process *const *process,
			  size_t count, const struct census_process *self, int flags, FILE *file)
{
	bool own = self != NULL && same_namespaces(process[0], self);
	pid_t first = process[0]->pid;

	fprintf(file, "\tsubgraph cluster%d {\n\t\tlabel=\"%zu process%s%s\";\n", first, count,
		count > 1 ? "es" : "",
		own                  ? " in your own namespaces"
		: process[0]->denied ? ", not to be read"
				     : "");
	for (size_t i = 0; i < count && i < NAMED; i++)
		print_process(census, process[i], file);
	if (count > NAMED)
		fprintf(file, "\t\tmore%d [label=\"%zu more\", shape=plaintext];\n", first,
			count - NAMED);
	fputs("\t}\n", file);
	print_membership(process[0], self, flags, file);
}

static int print_clusters(const struct census *census, int flags, FILE *file)
{
	size_t size = (census->processes + 1) * sizeof(struct census_process *);
	autofree struct census_process **process = malloc(size);
	const struct census_process *self = census_find_process(census, census->self);
	size_t count = 0;

	if (process == NULL)
		return -1;
	for (size_t i = 0; i < census->processes; i++)
		process[i] = census->process[i];
	qsort(process, census->processes, sizeof(void *), compare_namespaces);
	for (size_t i = 0; i < census->processes; i += count) {
		count = 1;
		while (i + count < census->processes &&
		       same_namespaces(process[i], process[i + count]))
			count++;
		print_cluster(census, &process[i], count, self, flags, file);
	}
	return 0;
}

int dot_print(const struct census *census, int flags, FILE *file)
{
	fputs("digraph namespaces {\n\trankdir=LR;\n"
	      "\tnode [shape=box, style=\"filled\", fillcolor=white, fontname=\"sans-serif\"];\n"
	      "\tgraph [fontname=\"sans-serif\", color=gray];\n",
	      file);
	for (size_t i = 0; i < census->namespaces; i++)
		if ((flags & census->ns[i]->type->flag) != 0)
			print_namespace(census->ns[i], file);
	for (size_t i = 0; i < census->namespaces; i++)
		if ((flags & census->ns[i]->type->flag) != 0)
			print_edges(census->ns[i], flags, file);
	if (print_clusters(census, flags, file) != 0)
		return -1;
	fputs("}\n", file);
	return 0;
}
