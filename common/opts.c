/*
 * opts.c - one row an option; parsing, --help, --complete and conflicts derive from it
 *
 * SPDX-License-Identifier: MIT
 */
#include "opts.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "exitcode.h"
#include "message.h"
#include "num.h"

enum {
	ROWS_MAX = 96,
	LONG_BASE = 256, /* getopt_long() returns this + row, or a letter */
	HELP_COLUMN = 30,
	HELP_WIDTH = 79,
};

struct parser {
	const struct opts *opts;
	void *request;
	struct opt row[ROWS_MAX];
	char without[NSTYPE_COUNT][16]; /* "no-TYPE" */
	size_t rows;
	bool given[ROWS_MAX]; /* by the user */
	bool set[ROWS_MAX];   /* by the user, or by what another option implies */
};

static bool is_option(const struct opt *row)
{
	return row->kind != OPT_END && row->kind != OPT_GROUP;
}

__attribute__((noreturn, format(printf, 2, 3))) static void refuse(const char *name,
								   const char *format, ...)
{
	char reason[512];
	struct failure f;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	failure_option(&f, name, "%s", reason);
	exit(message_failure(&f));
}

/* "--name" of a row, in a buffer of the caller's. */
static const char *dashed(const struct opt *row, char buf[64])
{
	snprintf(buf, 64, "--%s", row->name);
	return buf;
}

void opts_finish_output(void)
{
	struct failure f;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return;
	failure_errno(&f, "write", "standard output");
	exit(message_failure(&f));
}

#define FIELD(member) .field = offsetof(struct opts_request, member)

/* clang-format off */
const struct opt opts_help[] = {
	{ .kind = OPT_COMPLETE, .name = "complete", .ours = true,
	  .help = "print the options for a completion" },
	{ .kind = OPT_HELP, .letter = 'h', .name = "help", .help = "print this help" },
	{ .kind = OPT_VERSION, .letter = 'V', .name = "version", .help = "print the version" },
	{ .kind = OPT_END },
};

const struct opt opts_narration[] = {
	{ .kind = OPT_GROUP, .help = "What happens" },
	{ .kind = OPT_FLAG, .letter = 'v', .name = "verbose", .ours = true, FIELD(verbose),
	  .help = "print each kernel operation as it is done" },
	{ .kind = OPT_FLAG, .name = "dry-run", .ours = true, FIELD(dry_run),
	  .help = "check everything, print the operations, do none" },
	{ .kind = OPT_TABLE, .table = opts_help },
	{ .kind = OPT_END },
};
/* clang-format on */

/* Lists of names in a row: "one\0two\0", ended by an empty one. */
static const char *first_name(const char *list)
{
	return list != NULL && *list != '\0' ? list : NULL;
}

static const char *next_name(const char *name)
{
	return first_name(name + strlen(name) + 1);
}

static bool is_named(const char *list, const char *name)
{
	for (list = first_name(list); list != NULL; list = next_name(list))
		if (strcmp(list, name) == 0)
			return true;
	return false;
}

/* Copies a table, whose struct is at base, with the rows that some of its own stand for. */
static void expand(struct parser *p, const struct opt *table, size_t base, const char *peers)
{
	for (const struct opt *o = table; o->kind != OPT_END; o++) {
		bool is_types = o->kind == OPT_NSTYPES || o->kind == OPT_WITHOUT;
		size_t copies = is_types ? NSTYPE_COUNT : o->kind == OPT_TABLE ? 0 : 1;

		if (o->kind == OPT_TABLE)
			expand(p, o->table, base + o->field, o->peers);
		for (size_t i = 0; i < copies; i++) {
			struct opt *row = &p->row[p->rows++];

			if (p->rows == ROWS_MAX)
				abort();
			*row = *o;
			row->field += base;
			if (peers != NULL && is_option(row))
				row->ours = !is_named(peers, row->name);
			if (o->kind == OPT_NSTYPES) {
				row->name = nstypes[i].option;
				row->letter = nstypes[i].letter;
				row->help = nstypes[i].isolates;
			} else if (o->kind == OPT_WITHOUT) {
				snprintf(p->without[i], sizeof(p->without[i]), "no-%s",
					 nstypes[i].option);
				row->name = p->without[i];
			}
		}
	}
}

/* The row of this name; a table that names one that does not exist is a bug of ours. */
static const struct opt *find_row(const struct parser *p, const char *name, size_t length)
{
	for (size_t i = 0; i < p->rows; i++)
		if (is_option(&p->row[i]) && strncmp(p->row[i].name, name, length) == 0 &&
		    p->row[i].name[length] == '\0')
			return &p->row[i];
	abort();
}

/* The two columns of --help: "  -x, --name[=ARG]" and the text, wrapped. */
static void print_help_row(const struct opt *row, const char *name)
{
	char left[128];
	int column = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s%s%s",
			      row->letter != '\0' ? '-' : ' ',
			      row->letter != '\0' ? row->letter : ' ',
			      row->letter != '\0' ? "," : " ", name, row->optional ? "[" : "",
			      row->arg != NULL ? "=" : "", row->arg != NULL ? row->arg : "",
			      row->optional ? "]" : "");

	fputs(left, stdout);
	if (column > HELP_COLUMN - 2) {
		putchar('\n');
		column = 0;
	}
	for (const char *word = row->help; *word != '\0';) {
		int length = (int)strcspn(word, " ");

		if (column + 1 + length > HELP_WIDTH) {
			putchar('\n');
			column = 0;
		}
		column += printf("%*s%.*s", column < HELP_COLUMN ? HELP_COLUMN - column : 1, "",
				 length, word);
		word += length + (word[length] == ' ');
	}
	putchar('\n');
}

__attribute__((noreturn)) static void print_help(const struct parser *p)
{
	printf("Usage: %s [OPTION...] %s\n%s\n", program_invocation_short_name, p->opts->operands,
	       p->opts->summary);
	for (size_t i = 0; i < p->rows; i++) {
		const struct opt *row = &p->row[i];

		if (row->kind == OPT_GROUP)
			printf("\n%s:\n", row->help);
		else if (row->kind != OPT_WITHOUT)
			print_help_row(row, row->name);
		else if (i == 0 || row[-1].kind != OPT_WITHOUT)
			print_help_row(row, "no-TYPE");
	}
	opts_finish_output();
	exit(EXIT_SUCCESS);
}

/* For completions and tests, tab-separated: letter, name, value ("=X", "[=X]"), help, choices. */
__attribute__((noreturn)) static void print_complete(const struct parser *p)
{
	for (size_t i = 0; i < p->rows; i++) {
		const struct opt *row = &p->row[i];
		const struct opt_choice *choice = row->choices;

		if (!is_option(row))
			continue;
		printf("%.*s\t%s\t%s%s%s%s\t%s\t", row->letter != '\0', &row->letter, row->name,
		       row->optional ? "[" : "", row->arg != NULL ? "=" : "",
		       row->arg != NULL ? row->arg : "", row->optional ? "]" : "", row->help);
		for (; choice != NULL && choice->name != NULL; choice++)
			printf("%s%s", choice == row->choices ? "" : " ", choice->name);
		putchar('\n');
	}
	opts_finish_output();
	exit(EXIT_SUCCESS);
}

__attribute__((noreturn)) static void print_version(void)
{
	printf("%s (%s) %s\n", program_invocation_short_name, PACKAGE_NAME, PACKAGE_VERSION);
	opts_finish_output();
	exit(EXIT_SUCCESS);
}

static void record_choice(const struct opt *row, const char *value, int *into)
{
	char names[256] = "", name[64];
	const struct opt_choice *choice = row->choices;

	for (; choice->name != NULL; choice++) {
		if (strcmp(choice->name, value) == 0) {
			*into = choice->value;
			return;
		}
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 choice == row->choices ? "" : ", ", choice->name);
	}
	refuse(dashed(row, name), "'%s' is none of %s", value, names);
}

static void record_id(const struct opt *row, const char *value, struct opt_id *into)
{
	char name[64];

	into->given = true;
	if (!num_parse_id(value, &into->id))
		refuse(dashed(row, name), "not a valid ID: '%s' (0 to 4294967294)", value);
}

static void record_fd(const struct opt *row, const char *value, struct opt_fd *into)
{
	char name[64];
	uint64_t fd;

	if (!num_parse(value, INT_MAX, &fd))
		refuse(dashed(row, name), "not a descriptor: '%s'", value);
	*into = (struct opt_fd){ true, (int)fd };
}

static void record_owner(const struct opt *row, const char *value, struct opt_owner *into)
{
	const char *colon = strchr(value, ':');
	size_t length = colon != NULL ? (size_t)(colon - value) : 0;
	char uid[16] = "", name[64];

	into->given = true;
	if (colon != NULL && length < sizeof(uid))
		memcpy(uid, value, length);
	if (!num_parse_id(uid, &into->uid) || !num_parse_id(colon + 1, &into->gid))
		refuse(dashed(row, name),
		       "not valid IDs: '%s'; expected UID:GID, each 0 to 4294967294", value);
}

static void record_list(const struct opt *row, const char *value, struct opt_list *into)
{
	char name[64];

	if (into->count == OPT_LIST_MAX)
		refuse(dashed(row, name), "given more than %d times", OPT_LIST_MAX);
	into->text[into->count++] = value;
}

static void record_clock(const struct opt *row, const char *value, struct opt_clock *into)
{
	char name[64];

	into->given = true;
	into->starts_at = *value == '=';
	into->text = value;
	if (!num_parse_seconds(value + into->starts_at, &into->seconds))
		refuse(dashed(row, name),
		       "not a valid number of seconds: '%s', nor a duration, as '1d12h'", value);
}

static void record_signal(const struct opt *row, const char *value, int *into)
{
	char name[64];

	*into = SIGKILL;
	if (value != NULL && !num_parse_signal(value, into))
		refuse(dashed(row, name), "unknown signal '%s'", value);
}

/* The type of a row of OPT_NSTYPES or OPT_WITHOUT. */
static size_t nstype_of(const struct opt *row)
{
	const char *option = row->kind == OPT_WITHOUT ? row->name + strlen("no-") : row->name;
	size_t i = 0;

	while (strcmp(option, nstypes[i].option) != 0)
		i++;
	return i;
}

static void record_nstype(const struct opt *row, const char *value, struct opt_nstypes *into)
{
	into->flags |= nstypes[nstype_of(row)].flag;
	if (value != NULL)
		into->file[nstype_of(row)] = value;
}

static void record_without(const struct opt *row, struct opt_nstypes *into)
{
	into->without |= nstypes[nstype_of(row)].flag;
}

/* Records one option of the user's, after what it implies. */
static void record(struct parser *p, const struct opt *row, const char *value)
{
	void *into = (char *)p->request + row->field;
	/* The fallback of those that must have a value, or may. */
	const char *text = value != NULL ? value : row->fallback != NULL ? row->fallback : "";

	for (const char *name = first_name(row->implies); name != NULL; name = next_name(name)) {
		size_t length = strcspn(name, "=");

		record(p, find_row(p, name, length),
		       name[length] == '=' ? name + length + 1 : NULL);
	}
	p->set[row - p->row] = true;
	switch (row->kind) {
	case OPT_NSTYPES: record_nstype(row, value, into); break;
	case OPT_WITHOUT: record_without(row, into); break;
	case OPT_FLAG: *(bool *)into = true; break;
	case OPT_ALIAS: break;
	case OPT_TEXT: *(const char **)into = value != NULL ? value : row->fallback; break;
	case OPT_LIST: record_list(row, text, into); break;
	case OPT_CHOICE: record_choice(row, text, into); break;
	case OPT_ID: record_id(row, text, into); break;
	case OPT_FD: record_fd(row, text, into); break;
	case OPT_OWNER: record_owner(row, text, into); break;
	case OPT_CLOCK: record_clock(row, text, into); break;
	case OPT_SIGNAL: record_signal(row, value, into); break;
	case OPT_HELP: print_help(p);
	case OPT_VERSION: print_version();
	case OPT_COMPLETE: print_complete(p);
	case OPT_TABLE:
	case OPT_GROUP:
	case OPT_END: abort();
	}
}

/* The only option of util-linux's that `text` abbreviates, or else the only one of ours. */
static const struct opt *complete_name(const struct parser *p, const char *text, size_t length)
{
	const struct opt *found = NULL;
	size_t matches = 0;

	for (int ours = 0; ours <= 1 && matches == 0; ours++)
		for (size_t i = 0; i < p->rows; i++)
			if (is_option(&p->row[i]) && p->row[i].ours == (ours == 1) &&
			    strncmp(p->row[i].name, text, length) == 0) {
				found = &p->row[i];
				matches++;
			}
	return matches == 1 ? found : NULL;
}

/* An abbreviation that our own options made ambiguous is replaced in argv by what it means. */
static bool spell_out(const struct parser *p, char **argument)
{
	const char *text = *argument + 2;
	size_t length = strcspn(text, "=");
	const struct opt *row = complete_name(p, text, length);
	char *whole;

	if (row == NULL || asprintf(&whole, "--%s%s", row->name, text + length) < 0)
		return false;
	*argument = whole;
	return true;
}

__attribute__((noreturn)) static void refuse_name(const struct parser *p, const char *argument)
{
	size_t length = strcspn(argument, "=");
	char name[64], candidates[400] = "";
	struct failure f;

	snprintf(name, sizeof(name), "%.*s", (int)length, argument);
	for (size_t i = 0; length > 2 && i < p->rows; i++)
		if (is_option(&p->row[i]) && strncmp(p->row[i].name, name + 2, length - 2) == 0)
			snprintf(candidates + strlen(candidates),
				 sizeof(candidates) - strlen(candidates), "%s--%s",
				 candidates[0] != '\0' ? ", " : "", p->row[i].name);
	if (candidates[0] != '\0')
		refuse(name, "ambiguous: %s", candidates);
	failure_option(&f, strcmp(argument, "-=") == 0 ? argument : name, "unknown");
	if (strcmp(argument, "-=") == 0)
		failure_hint(&f, "this letter takes no '='; a value is for the long name, as in "
				 "'--uts=FILE'");
	else
		failure_hint(&f, "there is no such option; see '%s --help'",
			     program_invocation_short_name);
	exit(message_failure(&f));
}

/* What getopt_long() could not accept: optopt is a letter, LONG_BASE + row, or 0. */
__attribute__((noreturn)) static void refuse_argument(const struct parser *p, int c,
						      const char *text)
{
	char name[64];

	if (optopt == 0)
		refuse_name(p, text);
	if (optopt >= LONG_BASE)
		dashed(&p->row[optopt - LONG_BASE], name);
	else
		snprintf(name, sizeof(name), "-%c", optopt);
	if (c == ':')
		refuse(name, "needs a value");
	if (optopt >= LONG_BASE)
		refuse(name, "takes no value");
	refuse_name(p, name);
}

/* --no-TYPE beside what makes one. */
static void check_without(const struct parser *p, const struct opt *row)
{
	const struct opt *type =
		find_row(p, nstypes[nstype_of(row)].option, strlen(nstypes[nstype_of(row)].option));
	char name[64];

	if (p->given[type - p->row])
		refuse(dashed(row, name), "cannot stand beside '--%s'", type->name);
	if (p->set[type - p->row])
		refuse(dashed(row, name), "cannot stand beside an option that implies '--%s'",
		       type->name);
}

static void check_only(const struct parser *p, const struct opt *row)
{
	char name[64];

	for (size_t i = 0; i < p->rows; i++)
		if (p->given[i] && &p->row[i] != row && !is_named(row->only, p->row[i].name))
			refuse(dashed(row, name), "cannot stand beside '--%s'", p->row[i].name);
}

static void check_combinations(const struct parser *p)
{
	char name[64];

	for (size_t i = 0; i < p->rows; i++) {
		const struct opt *row = &p->row[i];

		if (!p->given[i])
			continue;
		if (row->kind == OPT_WITHOUT)
			check_without(p, row);
		if (row->only != NULL)
			check_only(p, row);
		for (const char *n = first_name(row->excludes); n != NULL; n = next_name(n))
			if (p->given[find_row(p, n, strlen(n)) - p->row])
				refuse(dashed(row, name), "cannot stand beside '--%s'", n);
		for (const char *n = first_name(row->requires); n != NULL; n = next_name(n))
			if (!p->set[find_row(p, n, strlen(n)) - p->row])
				refuse(dashed(row, name), "needs '--%s'", n);
	}
}

/* What getopt_long() wants to know, from the rows; ROWS_MAX is enough for both. */
static void derive_getopt(const struct parser *p, char *shorts, struct option *longs)
{
	if (!p->opts->mixed)
		*shorts++ = '+'; /* options end at the first operand */
	*shorts++ = ':';         /* a missing value is told apart */
	for (size_t i = 0; i < p->rows; i++) {
		const struct opt *row = &p->row[i];

		if (!is_option(row))
			continue;
		if (row->letter != '\0') {
			*shorts++ = row->letter;
			if (row->arg != NULL && (!row->optional || row->attached))
				*shorts++ = ':';
			if (row->attached)
				*shorts++ = ':';
		}
		*longs++ = (struct option){
			.name = row->name,
			.has_arg = row->arg == NULL ? no_argument
				   : row->optional  ? optional_argument
						    : required_argument,
			.val = LONG_BASE + (int)i,
		};
	}
	*shorts = '\0';
	*longs = (struct option){ 0 };
}

static size_t row_of(const struct parser *p, int c)
{
	size_t i = 0;

	if (c >= LONG_BASE)
		return (size_t)(c - LONG_BASE);
	while (!is_option(&p->row[i]) || p->row[i].letter != c)
		i++;
	return i;
}

int opts_parse(const struct opts *opts, int argc, char *argv[], void *request)
{
	struct parser p = { .opts = opts, .request = request };
	struct option longs[ROWS_MAX + 1];
	char shorts[3 * ROWS_MAX + 3], name[64];
	int c;

	expand(&p, opts->table, 0, NULL);
	derive_getopt(&p, shorts, longs);
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == '?' && optopt == 0 && spell_out(&p, &argv[optind - 1])) {
			optind--;
			continue;
		}
		if (c == '?' || c == ':')
			refuse_argument(&p, c, argv[optind - 1]);
		if (p.row[row_of(&p, c)].once && p.given[row_of(&p, c)])
			refuse(dashed(&p.row[row_of(&p, c)], name), "given twice");
		p.given[row_of(&p, c)] = true;
		/* "-T=VALUE", as lsns(8) has it */
		if (c < LONG_BASE && p.row[row_of(&p, c)].attached && optarg != NULL)
			optarg += *optarg == '=';
		record(&p, &p.row[row_of(&p, c)], optarg);
	}
	check_combinations(&p);
	return optind;
}
