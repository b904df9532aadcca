/*
 * ns-list - which namespaces exist, who is in them, and what keeps them alive
 *
 * SPDX-License-Identifier: MIT
 *
 * Order, and why:
 *
 *  1. Options, columns, filter and references are checked, before anything is read.
 *  2. One census of /proc, of what the columns need and nothing else.
 *  3. References are found in it, all before anything is printed: a list is whole, or
 *     there is none.
 *  4. The list.  Command lines are read now, for what is printed alone, and only of a
 *     process that still is the one that the census saw.
 *  5. Notes on standard error about all that could not be seen: a list that is not
 *     complete never looks so.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "census.h"
#include "censusscan.h"
#include "compare.h"
#include "dot.h"
#include "exitcode.h"
#include "explain.h"
#include "explainjoin.h"
#include "file.h"
#include "gaps.h"
#include "kernel.h"
#include "listing.h"
#include "message.h"
#include "nslimits.h"
#include "nsref.h"
#include "opts.h"
#include "pids.h"

/* What the user asked for. */
struct request {
	bool json, list, no_headings, raw, no_cut, no_wrap;
	const char *output;
	bool output_all, list_columns;
	bool persistent, pinned;
	const char *task;
	const char *filter;
	struct opt_list types;
	int tree;
	bool threads, fds;
	bool compare, quiet, pids, limits, dot;
};

static const struct opt_choice trees[] = {
	{ "owner", LISTING_BY_OWNER },
	{ "parent", LISTING_BY_PARENT },
	{ "process", LISTING_BY_PROCESS },
	{ 0 },
};

#define FIELD(member) .field = offsetof(struct request, member)

/* clang-format off */
static const struct opt table[] = {
	{ .kind = OPT_GROUP, .help = "What is listed" },
	{ .kind = OPT_LIST, .letter = 't', .name = "type", .arg = "TYPES", FIELD(types),
	  .help = "only namespaces of these types (mnt, net, ipc, user, pid, uts, cgroup, time), "
		  "with commas; may be repeated" },
	{ .kind = OPT_TEXT, .letter = 'p', .name = "task", .arg = "PID", FIELD(task),
	  .help = "only the namespaces of this process" },
	{ .kind = OPT_FLAG, .letter = 'P', .name = "persistent", FIELD(persistent),
	  .excludes = "task\0", .help = "only namespaces without processes" },
	{ .kind = OPT_FLAG, .name = "pinned", .ours = true, FIELD(pinned),
	  .excludes = "task\0persistent\0",
	  .help = "only the namespaces of pinned sets, see ns-unshare(1)" },
	{ .kind = OPT_TEXT, .letter = 'Q', .name = "filter", .arg = "EXPR", FIELD(filter),
	  .help = "only lines for which this is true, see scols-filter(5)" },
	{ .kind = OPT_FLAG, .name = "threads", .ours = true, FIELD(threads),
	  .help = "look at all threads, however many processes there are" },
	{ .kind = OPT_FLAG, .name = "fds", .ours = true, FIELD(fds),
	  .help = "look at all open files and sockets, too" },

	{ .kind = OPT_GROUP, .help = "What else is shown, in place of a list" },
	{ .kind = OPT_FLAG, .name = "compare", .ours = true, FIELD(compare),
	  .excludes = "pids\0limits\0dot\0task\0persistent\0pinned\0filter\0output\0output-all\0tree\0"
		      "threads\0fds\0",
	  .help = "what the operands have in common: status 0 all, 1 not all" },
	{ .kind = OPT_FLAG, .letter = 'q', .name = "quiet", .ours = true, FIELD(quiet),
	  .requires = "compare\0", .help = "compare, and print nothing" },
	{ .kind = OPT_FLAG, .name = "pids", .ours = true, FIELD(pids),
	  .excludes = "limits\0dot\0task\0persistent\0pinned\0filter\0output\0output-all\0tree\0type\0",
	  .help = "the processes of a PID namespace (one's own), by their PIDs at each level" },
	{ .kind = OPT_FLAG, .name = "limits", .ours = true, FIELD(limits),
	  .excludes = "dot\0task\0persistent\0pinned\0filter\0output\0output-all\0tree\0threads\0fds\0",
	  .help = "for each type how many there are and may be, and whether one can be made" },
	{ .kind = OPT_FLAG, .name = "dot", .ours = true, FIELD(dot),
	  .excludes = "json\0raw\0task\0persistent\0pinned\0filter\0output\0output-all\0tree\0list\0"
		      "noheadings\0notruncate\0nowrap\0",
	  .help = "a picture for Graphviz, as for 'dot -Tsvg'" },

	{ .kind = OPT_GROUP, .help = "How it is listed" },
	{ .kind = OPT_CHOICE, .letter = 'T', .name = "tree", .arg = "RELATION", .optional = true,
	  .attached = true, .fallback = "owner", .choices = trees, FIELD(tree),
	  .excludes = "list\0", .help = "as a tree, by owner (default), parent or process" },
	{ .kind = OPT_FLAG, .letter = 'l', .name = "list", FIELD(list),
	  .help = "as a list, without a tree" },
	{ .kind = OPT_FLAG, .letter = 'J', .name = "json", FIELD(json), .excludes = "raw\0",
	  .help = "in JSON" },
	{ .kind = OPT_FLAG, .letter = 'r', .name = "raw", FIELD(raw),
	  .help = "raw, a blank between columns" },
	{ .kind = OPT_FLAG, .letter = 'n', .name = "noheadings", FIELD(no_headings),
	  .help = "without the line of headings" },
	{ .kind = OPT_TEXT, .letter = 'o', .name = "output", .arg = "COLUMNS", FIELD(output),
	  .help = "these columns, a comma-separated list; after '+', in addition" },
	{ .kind = OPT_FLAG, .name = "output-all", FIELD(output_all), .help = "all columns" },
	{ .kind = OPT_FLAG, .letter = 'u', .name = "notruncate", FIELD(no_cut),
	  .help = "do not cut columns to the width of the terminal" },
	{ .kind = OPT_FLAG, .letter = 'W', .name = "nowrap", FIELD(no_wrap),
	  .help = "never more than one line in a cell" },
	{ .kind = OPT_FLAG, .letter = 'H', .name = "list-columns", FIELD(list_columns),
	  .help = "list the columns and what they are" },

	{ .kind = OPT_GROUP, .help = "Other" },
	{ .kind = OPT_TABLE, .table = opts_help },
	{ .kind = OPT_END },
};
/* clang-format on */

static const struct opts opts = {
	.operands = "[NSREF...]",
	.summary = "List namespaces, or what is in the namespaces and processes given.",
	.table = table,
	.mixed = true,
};

/* What was asked for, and what is found. */
struct job {
	struct request req;
	struct listing listing;
	struct nsref *ref;
	struct nsref_target *target;
	size_t refs;
	int needs;
	struct census census;
};

static int plan_types(const struct opt_list *types, int *flags, struct failure *f)
{
	*flags = types->count > 0 ? 0 : nstype_all();
	for (size_t i = 0; i < types->count; i++) {
		const char *unknown = nstype_parse_list(types->text[i], flags);

		if (unknown != NULL)
			return failure_option(f, "--type",
					      "'%.*s' is none of user, mnt, uts, ipc, net, pid, "
					      "cgroup, time",
					      (int)strcspn(unknown, ","), unknown);
	}
	return 0;
}

/* The namespaces of other types than those asked for are not looked at. */
static int check_type(const struct job *job, const struct nsref *ref, const struct nstype *type,
		      struct failure *f)
{
	if (type == NULL || (job->listing.flags & type->flag) != 0)
		return 0;
	return failure_option(f, "--type", "'%s' is a namespace of type %s", ref->text, type->name);
}

static int plan_refs(struct job *job, char *operand[], size_t operands, struct failure *f)
{
	if (job->req.task != NULL && operands > 0)
		return failure_option(f, "--task", "cannot stand beside '%s'", operand[0]);
	job->ref = calloc(operands + 1, sizeof(*job->ref));
	job->target = calloc(operands + 1, sizeof(*job->target));
	if (job->ref == NULL || job->target == NULL)
		return failure_errno(f, "read the operands", NULL);
	if (job->req.task != NULL && nsref_parse_pid(job->req.task, &job->ref[job->refs++], f) != 0)
		return failure_option(f, "--task", "not a process ID: '%s'", job->req.task);
	for (size_t i = 0; i < operands; i++) {
		struct nsref *ref = &job->ref[job->refs++];

		if (nsref_parse(operand[i], ref, f) != 0 || check_type(job, ref, ref->type, f) != 0)
			return -1;
	}
	return 0;
}

/* A reader at a terminal gets NAME, too; a script gets what lsns(8) prints. */
static enum listing_defaults plan_defaults(const struct job *job)
{
	const struct request *req = &job->req;

	if (nsref_all_name_ns(job->ref, job->refs))
		return job->refs > 1 ? LISTING_PROCESSES_OF_MANY : LISTING_PROCESSES;
	if ((job->req.types.count > 0 && (job->listing.flags & CLONE_NEWNET) != 0))
		return LISTING_NET;
	if (req->pinned)
		return LISTING_NAMED;
	return req->no_headings || req->raw || req->list || req->json || !isatty(STDOUT_FILENO)
		       ? LISTING_PLAIN
		       : LISTING_NAMED;
}

static int plan_columns(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;
	struct listing *listing = &job->listing;

	if (listing_set_columns(listing, listing_defaults[plan_defaults(job)], f) != 0)
		return -1;
	if (req->output_all)
		for (listing->columns = 0; listing->columns < COLUMN_COUNT; listing->columns++)
			listing->column[listing->columns] = (enum column_id)listing->columns;
	if (req->output != NULL && listing_set_columns(listing, req->output, f) != 0)
		return -1;
	if (req->filter == NULL)
		return 0;
	return listing_set_filter(listing, req->filter, f);
}

/* lsns(8): a tree of processes, unless a list or all columns of namespaces are asked for. */
static enum listing_tree plan_tree(const struct job *job)
{
	const struct request *req = &job->req;
	bool wide = req->output_all && (job->refs == 0 || req->task != NULL);

	if (req->tree != LISTING_FLAT)
		return (enum listing_tree)req->tree;
	return req->list || wide ? LISTING_FLAT : LISTING_BY_PROCESS;
}

static struct show_options plan_show(const struct request *req)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return (struct show_options){
		.name = "namespaces",
		.json = req->json,
		.raw = req->raw,
		.no_headings = req->no_headings,
		.color = isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') &&
			 (term == NULL || strcmp(term, "dumb") != 0),
	};
}

/* Whether there are as many operands as what is to be shown is about. */
static int check_operands(const struct job *job, struct failure *f)
{
	const struct request *req = &job->req;

	if (req->compare && job->refs < 2)
		return failure_option(f, "--compare", "needs two processes or namespaces at least");
	if (req->persistent && job->refs > 0)
		return failure_option(f, "--persistent", "takes no operand: '%s'",
				      job->ref[0].text);
	if (req->pinned && job->refs > 0)
		return failure_option(f, "--pinned", "takes no operand: '%s'", job->ref[0].text);
	if (req->pids && job->refs > 1)
		return failure_option(f, "--pids", "takes one PID namespace at most");
	if (req->limits && job->refs > 0)
		return failure_option(f, "--limits", "takes no operand: '%s'", job->ref[0].text);
	if (req->dot && job->refs > 0)
		return failure_option(f, "--dot", "takes no operand: '%s'", job->ref[0].text);
	return 0;
}

/* What is read: of all that can be, what is shown. */
static int plan_needs(const struct job *job)
{
	const struct request *req = &job->req;
	int needs = 0;

	for (size_t i = 0; i < job->refs; i++)
		needs |= nsref_needs(&job->ref[i]);
	if (req->compare)
		return needs;
	needs |= CENSUS_MOUNTS | CENSUS_RELATIONS | CENSUS_KERNEL | CENSUS_CHEAP;
	needs |= (req->threads ? CENSUS_THREADS : 0) | (req->fds ? CENSUS_FDS : 0);
	/* What is told of each process, and not of the first in a namespace alone. */
	needs |= req->pids || req->dot || nsref_all_name_ns(job->ref, job->refs) ? CENSUS_DETAILS
										 : 0;
	needs |= req->pinned ? CENSUS_SETS : 0;
	return needs | listing_needs(&job->listing);
}

static int plan(struct job *job, char *operand[], size_t operands, struct failure *f)
{
	const struct request *req = &job->req;
	struct listing *listing = &job->listing;

	if (plan_types(&req->types, &listing->flags, f) != 0 ||
	    plan_refs(job, operand, operands, f) != 0 || check_operands(job, f) != 0 ||
	    plan_columns(job, f) != 0)
		return -1;
	listing->show = plan_show(req);
	listing->tree = plan_tree(job);
	listing->no_cut = req->no_cut;
	listing->no_wrap = req->no_wrap || req->raw;
	listing->persistent = req->persistent;
	listing->pinned = req->pinned;
	job->needs = plan_needs(job);
	return 0;
}

/* What cannot be read is one of the answers of a comparison. */
static int find_target(struct job *job, size_t i, struct failure *f)
{
	struct nsref_target *target = &job->target[i];

	if (nsref_find(&job->ref[i], &job->census, target, f) == 0 &&
	    check_type(job, target->ref, target->ns != NULL ? target->ns->type : NULL, f) == 0 &&
	    (job->req.compare || nsref_check(target, f) == 0))
		return 0;
	explain_target(f, job->ref[i].pid);
	return -1;
}

static int take_census(struct job *job, struct failure *f)
{
	if (census_scan(&job->census, job->listing.flags, job->needs) != 0) {
		failure_errno(f, "read", "/proc/");
		explain_proc(f);
		return -1;
	}
	for (size_t i = 0; i < job->refs; i++)
		if (find_target(job, i, f) != 0)
			return -1;
	job->listing.target = job->target;
	job->listing.targets = job->refs;
	return 0;
}

static int show_columns(struct job *job, struct failure *f)
{
	job->listing.show.name = "lsns-columns";
	job->listing.show.no_headings = true;
	return listing_print_columns(&job->listing.show, stdout, f);
}

static int show_comparison(struct job *job, struct failure *f)
{
	static const int status[] = {
		[COMPARE_SAME] = 0,
		[COMPARE_DIFFERENT] = 1,
		[COMPARE_UNKNOWN] = EXIT_OWN,
	};
	int flags = compare_types(job->target, job->refs, job->listing.flags);

	if (flags == 0)
		return failure_option(f, "--compare", "the operands have no type in common");
	if (!job->req.quiet &&
	    compare_print(job->target, job->refs, flags, &job->listing.show, stdout, f) != 0)
		return -1;
	return status[compare(job->target, job->refs, flags)];
}

static int show_pids(struct job *job, struct failure *f)
{
	const struct nsref_target *target = job->refs > 0 ? job->target : NULL;
	const struct census_ns *ns = pids_find_ns(&job->census, target);

	if (ns == NULL)
		return failure_option(f, "--pids", "'%s' is no PID namespace that can be read",
				      target != NULL ? target->ref->text : "/proc/self");
	return pids_print(&job->census, ns, &job->listing.show, stdout, f);
}

static int show(struct job *job, struct failure *f)
{
	const struct request *req = &job->req;

	if (req->pids)
		return show_pids(job, f);
	if (req->limits)
		return nslimits_print(&job->census, job->listing.flags, &job->listing.show, stdout,
				      f);
	if (req->dot)
		return dot_print(&job->census, job->listing.flags, stdout) == 0
			       ? 0
			       : failure_errno(f, "print the graph", NULL);
	return listing_print(&job->listing, &job->census, stdout, f);
}

/* What is of no use any more is told beside a list of namespaces. */
static void tell_gaps(const struct job *job)
{
	const struct request *req = &job->req;
	bool other = req->limits || req->dot || req->pids;

	gaps_tell(&job->census, other ? 0 : job->listing.flags, job->refs == 0, message_note);
	for (size_t i = 0; !other && i < job->refs; i++)
		if (job->target[i].ns != NULL && job->target[i].ns->processes == 0)
			message_note("no process is seen in '%s'; ns-list -P -o +WHY,HOLDER tells "
				     "what keeps it",
				     job->ref[i].text);
}

static int run(struct job *job, char *operand[], size_t operands, struct failure *f)
{
	if (plan(job, operand, operands, f) != 0)
		return -1;
	if (job->req.list_columns)
		return show_columns(job, f);
	if (take_census(job, f) != 0)
		return -1;
	if (job->req.compare)
		return show_comparison(job, f);
	if (show(job, f) != 0)
		return -1;
	opts_finish_output();
	tell_gaps(job);
	return 0;
}

static void release(struct job *job)
{
	census_free(&job->census);
	show_filter_free(job->listing.filter);
	for (size_t i = 0; i < job->refs; i++)
		nsref_free(&job->ref[i]);
	free(job->ref);
	free(job->target);
}

int main(int argc, char *argv[])
{
	struct job job = { .census.proc = -1 };
	struct failure f;
	int operand, status;

	setlocale(LC_ALL, "");
	file_fill_standard();
	operand = opts_parse(&opts, argc, argv, &job.req);
	status = run(&job, argv + operand, (size_t)(argc - operand), &f);
	if (status < 0)
		status = message_failure(&f);
	release(&job);
	opts_finish_output();
	return status;
}
