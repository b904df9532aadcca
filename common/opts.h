/*
 * opts.h - one row an option; parsing, --help, --complete and conflicts derive from it
 *
 * SPDX-License-Identifier: MIT
 * layer 2
 *
 * Parsing only records what was asked into the tool's request: nothing is opened
 * or changed, so the order of options never matters, but that a later value
 * replaces an earlier one.
 */
#ifndef OPTS_H
#define OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nstype.h"

enum opt_kind {
	OPT_END,     /* ends the table */
	OPT_GROUP,   /* no option: a heading of --help */
	OPT_NSTYPES, /* eight rows, one a type; field: struct opt_nstypes */
	OPT_WITHOUT, /* eight rows, --no-TYPE, shown as one; the same field */
	OPT_FLAG,    /* field: bool */
	OPT_ALIAS,   /* no field: stands for what it implies */
	OPT_TEXT,    /* field: const char *; `fallback` where the value is optional */
	OPT_LIST,    /* field: struct opt_list; may be given several times */
	OPT_CHOICE,  /* field: int, the value of one of `choices`; `fallback` as for OPT_TEXT */
	OPT_ID,      /* field: struct opt_id */
	OPT_OWNER,   /* field: struct opt_owner, UID:GID */
	OPT_CLOCK,   /* field: struct opt_clock */
	OPT_FD,      /* field: struct opt_fd; an open descriptor, made close-on-exec later */
	OPT_SIGNAL,  /* field: int; SIGKILL where the value is left out */
	OPT_TABLE,   /* the rows of `table`; field: the struct that theirs are in */
	OPT_HELP,
	OPT_VERSION,
	OPT_COMPLETE,
};

struct opt_nstypes {
	int flags;                      /* CLONE_NEW* asked for, or implied */
	int without;                    /* those of --no-TYPE; never among flags */
	const char *file[NSTYPE_COUNT]; /* --TYPE=FILE, in nstypes[]'s order, or NULL */
};

enum { OPT_LIST_MAX = 352 }; /* above KERNEL_IDMAP_LINES, so that "too many" can be told */

struct opt_list {
	size_t count;
	const char *text[OPT_LIST_MAX];
};

struct opt_id {
	bool given;
	uint32_t id;
};

struct opt_fd {
	bool given;
	int fd;
};

struct opt_owner {
	bool given;
	uint32_t uid, gid;
};

struct opt_clock {
	bool given;
	bool starts_at; /* "=": what it is to show, not what is added to it */
	int64_t seconds;
	const char *text; /* as it was given */
};

struct opt_choice {
	const char *name; /* NULL ends the list */
	int value;        /* never 0: that is "not given" */
};

struct opt {
	enum opt_kind kind;
	char letter;   /* '\0': long form only */
	bool ours;     /* util-linux has no such option: its abbreviations go first */
	bool optional; /* --name or --name=VALUE */
	bool once;     /* not to be given twice */
	bool attached; /* an optional value may be attached to the letter, after "=" or not */
	const char *name;
	const char *arg; /* the value's name; NULL: takes none */
	const char *help;
	size_t field; /* offsetof() in the tool's request */
	const char *fallback;
	const struct opt_choice *choices;
	const struct opt *table;
	const char *peers;    /* "name\0": those of an OPT_TABLE that are not ours */
	const char *implies;  /* "name\0name=value\0": as if these were given just before */
	const char *requires; /* "name\0": options that must be given or implied too */
	const char *excludes; /* "name\0": options that cannot stand beside it */
	const char *only;     /* "name\0": the options that can, and no others; NULL: all */
};

struct opts {
	const char *operands; /* after "[OPTION...]" in the usage line */
	const char *summary;  /* one sentence, for --help */
	const struct opt *table;
	bool mixed; /* options may follow operands: the tool runs no command */
};

/* For an OPT_TABLE: what every tool has, without a struct. */
extern const struct opt opts_help[];

/* With their heading and opts_help, what every tool has that changes something. */
struct opts_request {
	bool verbose, dry_run;
};

extern const struct opt opts_narration[];

/*
 * Fills request from argv and returns the index of the first operand.  Options end
 * there, unless they may be mixed with operands, which then are moved to the end of argv;
 * "--" is accepted.  Prints and exits itself: --help, --version, --complete
 * with 0, what it cannot accept with EXIT_OWN.
 */
int opts_parse(const struct opts *opts, int argc, char *argv[], void *request);

/* Flushes standard output; a write that failed is reported and ends the tool with EXIT_OWN. */
void opts_finish_output(void);

#endif
