/*
 * check.c - what the caller can do here and now, by doing it
 *
 * SPDX-License-Identifier: MIT
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "child.h"
#include "cleanup.h"
#include "creds.h"
#include "explain.h"
#include "explainmnt.h"
#include "idplan.h"
#include "json.h"
#include "kernel.h"
#include "mntplan.h"
#include "nsset.h"
#include "nstype.h"
#include "pinned.h"

/* One thing to be tried, in a child. */
struct check {
	const char *name;
	int flags;     /* CLONE_NEW* that it makes; a user namespace, where it is not optional */
	int with_user; /* and what else, with a user namespace that is */
	/* The maps, where the user namespace is made; NULL: the caller becomes root. */
	int (*map)(struct nsset_plan *plan, struct failure *f);
	/* After that: the use of it, by its first process, where it is a PID namespace. */
	int (*use)(struct failure *f); /* or NULL */
};

static int map_ids(struct nsset_plan *plan, const char *ranges, const char *single,
		   struct failure *f)
{
	struct idplan_request request = { .user = single, .group = single };

	if (ranges != NULL)
		request.users.text[request.users.count++] =
			request.groups.text[request.groups.count++] = ranges;
	return idplan_make(&plan->ids, &request, f);
}

static int map_nothing(struct nsset_plan *plan, struct failure *f)
{
	(void)plan;
	(void)f;
	return 0;
}

static int map_root(struct nsset_plan *plan, struct failure *f)
{
	return map_ids(plan, NULL, "0", f);
}

/* As --all does: who may map every ID does. */
static int map_most(struct nsset_plan *plan, struct failure *f)
{
	bool may = caps_have(CAP_SETUID) && caps_have(CAP_SETGID);

	return may ? map_ids(plan, "all", NULL, f) : map_root(plan, f);
}

static int map_subids(struct nsset_plan *plan, struct failure *f)
{
	return map_ids(plan, "auto", NULL, f);
}

/* A security module may let the namespace be made, and then give it no capabilities. */
static int use_capability(struct failure *f)
{
	return chroot("/") == 0 ? 0 : failure_errno(f, "use a capability in it", NULL);
}

static int become_root(struct failure *f)
{
	return creds_set_uid(0, f);
}

static int mount_proc(struct failure *f)
{
	const struct mntplan plan = { .propagation = MNT_PRIVATE, .proc = "/proc" };

	return mntplan_settle(&plan, f);
}

/* Without a place to be kept at, so that nobody sees it. */
static int keep(struct failure *f)
{
	autofd ns = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), copy = -1;

	if (ns < 0)
		return failure_errno(f, "open", "/proc/self/ns/uts");
	copy = (int)syscall(KERNEL_SYS_open_tree, ns, "",
			    KERNEL_OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);
	if (copy >= 0)
		return 0;
	failure_errno(f, "keep a namespace at a file", NULL);
	explain_pin(f, nstype_by_flag(CLONE_NEWUTS), "/", -1);
	return -1;
}

static int be_first(struct failure *f)
{
	return getpid() == 1 ? 0
			     : failure_reason(f, "be the first process in it", NULL, "it is not");
}

/* After the eight types, in nstypes[]'s order. */
static const struct check others[] = {
	{ "id maps", CLONE_NEWUSER, 0, map_most, become_root },
	{ "subordinate ids", CLONE_NEWUSER, 0, map_subids, become_root },
	{ "mounting proc", CLONE_NEWNS | CLONE_NEWPID, 0, map_root, mount_proc },
	{ "pinning", 0, 0, map_root, pinned_check },
	{ "keeping at files", 0, CLONE_NEWNS, map_root, keep },
};

enum { CHECKS = NSTYPE_COUNT + sizeof(others) / sizeof(others[0]) };

static struct check check_of(size_t i)
{
	const struct nstype *type = i < NSTYPE_COUNT ? &nstypes[i] : NULL;

	if (type == NULL)
		return others[i - NSTYPE_COUNT];
	return (struct check){
		.name = type->name,
		.flags = type->flag,
		.map = type->flag == CLONE_NEWUSER ? map_nothing : map_root,
		.use = type->flag == CLONE_NEWUSER  ? use_capability
		       : type->flag == CLONE_NEWPID ? be_first
						    : NULL,
	};
}

/* Without a user namespace, 0, or with CLONE_NEWUSER and what else there is then. */
struct attempt {
	const struct check *check;
	int user;
};

/* In a child, which ends at once.  Returns 0, or -1 with its *f. */
static int in_child(int (*run)(const struct attempt *what, struct failure *f),
		    const struct attempt *what, struct failure *f)
{
	autofd in = -1, out = -1;
	int report[2];
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) != 0)
		return failure_errno(f, "make a pipe", NULL);
	in = report[0];
	out = report[1];
	pid = fork();
	if (pid == 0) {
		if (run(what, f) == 0)
			*f = (struct failure){ 0 };
		_exit(write(out, f, sizeof(*f)) < 0);
	}
	if (pid < 0) {
		failure_errno(f, "fork", NULL);
		explain_fork(f);
		return -1;
	}
	close_fd(&out);
	if (read(in, f, sizeof(*f)) != sizeof(*f))
		failure_reason(f, "try it", NULL, "the process that tried was killed");
	child_reap(pid);
	return f->status == 0 ? 0 : -1;
}

static int use(const struct attempt *what, struct failure *f)
{
	return what->check->use(f);
}

static int make(const struct attempt *what, struct failure *f)
{
	const struct check *check = what->check;
	struct nsset_plan plan = {
		.flags = check->flags | what->user,
		.propagation = MNT_PRIVATE,
		.loopback = (check->flags & CLONE_NEWNET) != 0,
		.hostname = (check->flags & CLONE_NEWUTS) != 0 ? "check" : NULL,
		.monotonic.asked = { .given = (check->flags & CLONE_NEWTIME) != 0, .seconds = 1 },
	};
	struct nsset set = { .outside = -1 };
	autofd null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sigset_t mask;
	int result = -1;

	/* newuidmap(1) says itself why it fails, and is not alone in that. */
	dup2(null, STDERR_FILENO);
	child_hold_signals(&mask);
	if (((plan.flags & CLONE_NEWUSER) == 0 || check->map(&plan, f) == 0) &&
	    nsset_prepare(&plan, f) == 0 && nsset_create(&set, &plan, f) == 0)
		result = check->use == NULL                   ? 0
			 : (check->flags & CLONE_NEWPID) != 0 ? in_child(use, what, f)
							      : use(what, f);
	nsset_abandon(&set);
	if (result != 0) {
		explain_first_use(f);
		explain_proc(f);
	}
	return result;
}

struct result {
	struct check check;
	bool works, in_user; /* in_user: together with a user namespace only */
	struct failure failure;
};

/* Who lacks the privilege has it in a user namespace: what is said is why that did not do. */
static void find_out(struct result *r)
{
	struct attempt attempt = { &r->check, 0 };

	r->works = in_child(make, &attempt, &r->failure) == 0;
	if (r->works || r->failure.error != EPERM || (r->check.flags & CLONE_NEWUSER) != 0)
		return;
	attempt.user = CLONE_NEWUSER | r->check.with_user;
	r->works = r->in_user = in_child(make, &attempt, &r->failure) == 0;
}

enum { INDENT = 17, WIDTH = 80 };

/* The words of a line, and of those below it where it would be too long. */
static void print_wrapped(const char *text, FILE *file)
{
	size_t column = INDENT;

	while (*text != '\0') {
		size_t length = strcspn(text, " ");

		if (column > INDENT && column + 1 + length > WIDTH) {
			fprintf(file, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			column += (size_t)fprintf(file, " ");
		}
		column += (size_t)fprintf(file, "%.*s", (int)length, text);
		text += length + strspn(text + length, " ");
	}
	fputc('\n', file);
}

/* The hint says it all but for what is no errno. */
static void print_line(const struct result *r, FILE *file)
{
	const struct failure *f = &r->failure;
	char text[sizeof(*f)], line[4 * sizeof(text)];

	if (r->works)
		snprintf(text, sizeof(text), "yes%s",
			 !r->in_user               ? ""
			 : r->check.with_user != 0 ? ", in new user and mount namespaces (-rm)"
						   : ", in a new user namespace (-r)");
	else if (f->hint[0] != '\0')
		snprintf(text, sizeof(text), "no: %s%s%s", f->reason,
			 f->reason[0] != '\0' ? ": " : "", f->hint);
	else
		failure_text(f, strcpy(text, "no: ") + 4, sizeof(text) - 4);
	message_escape(text, line, sizeof(line));
	fprintf(file, "%-*s", INDENT, r->check.name);
	print_wrapped(line, file);
}

static void print_json(const struct result *r, FILE *file)
{
	char reason[sizeof(r->failure)];

	fprintf(file, "      {\"check\": \"%s\", \"works\": %s, \"userns\": %s, \"reason\": ",
		r->check.name, r->works ? "true" : "false", r->in_user ? "true" : "false");
	failure_text(&r->failure, reason, sizeof(reason));
	if (r->works)
		fputs("null", file);
	else
		json_string(file, reason);
	fputs(", \"hint\": ", file);
	if (r->works || r->failure.hint[0] == '\0')
		fputs("null", file);
	else
		json_string(file, r->failure.hint);
	fputs("}", file);
}

bool check_print(bool json, FILE *file)
{
	bool all = true;

	for (size_t i = 0; i < CHECKS; i++) {
		struct result r = { .check = check_of(i) };

		find_out(&r);
		all &= r.works;
		if (json) {
			fputs(i == 0 ? "{\n   \"schema\": 1,\n   \"checks\": [\n" : ",\n", file);
			print_json(&r, file);
		} else {
			print_line(&r, file);
		}
	}
	if (json)
		fprintf(file, "\n   ],\n   \"works\": %s\n}\n", all ? "true" : "false");
	return all;
}
