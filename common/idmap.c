/*
 * idmap.c - maps of user and group IDs: what was asked for, checked, and written
 *
 * SPDX-License-Identifier: MIT
 */
#include "idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "caps.h"
#include "child.h"
#include "cleanup.h"
#include "config.h"
#include "file.h"
#include "num.h"
#include "trace.h"

const struct idmap_kind idmap_users = {
	"user",        "uid_map",       "--map-users", "--map-user",
	"/etc/subuid", "--add-subuids", "newuidmap",   CAP_SETUID,
};
const struct idmap_kind idmap_groups = {
	"group",       "gid_map",       "--map-groups", "--map-group",
	"/etc/subgid", "--add-subgids", "newgidmap",    CAP_SETGID,
};

/* Where subordinate IDs begin that nobody has yet: SUB_UID_MIN of login.defs(5). */
enum { SUBIDS_START = 100000 };

/* IDs end at 4294967294, so a range's end is at most this. */
#define RANGE_END UINT32_MAX

static int append(struct idmap *map, const struct idmap_kind *kind, struct idrange range,
		  struct failure *f)
{
	if (map->ranges == KERNEL_IDMAP_LINES)
		return failure_option(f, kind->option, "too many mappings (limit %d)",
				      KERNEL_IDMAP_LINES);
	map->bytes +=
		(size_t)snprintf(NULL, 0, "%u %u %u\n", range.inner, range.outer, range.count);
	if (map->bytes > KERNEL_IDMAP_BYTES)
		return failure_option(f, kind->option, "too many mappings (limit %d bytes)",
				      KERNEL_IDMAP_BYTES - 1);
	map->range[map->ranges++] = range;
	return 0;
}

/* Splits text at separator into exactly three numbers. */
static bool parse_three(const char *text, char separator, uint32_t number[3])
{
	for (int i = 0; i < 3; i++) {
		const char *end = i < 2 ? strchr(text, separator) : text + strlen(text);
		char field[16];
		uint64_t n;

		if (end == NULL || (size_t)(end - text) >= sizeof(field))
			return false;
		memcpy(field, text, (size_t)(end - text));
		field[end - text] = '\0';
		if (!num_parse(field, UINT32_MAX, &n))
			return false;
		number[i] = (uint32_t)n;
		text = end + 1;
	}
	return true;
}

/* Why this range cannot be, or NULL. */
static const char *range_fault(const struct idrange *r)
{
	if (r->count == 0)
		return "count is 0";
	if (r->count > RANGE_END - r->inner || r->count > RANGE_END - r->outer)
		return "start + count exceeds 4294967295";
	return NULL;
}

static int add_explicit(struct idmap *map, const struct idmap_kind *kind, const char *text,
			struct failure *f)
{
	struct idrange range = { 0 };
	uint32_t n[3];

	if (parse_three(text, ':', n))
		range = (struct idrange){ .inner = n[0], .outer = n[1], .count = n[2] };
	else if (parse_three(text, ',', n))
		range = (struct idrange){ .inner = n[1], .outer = n[0], .count = n[2] };
	else
		return failure_option(
			f, kind->option,
			"mapping '%s': expected INNER:OUTER:COUNT, each 0 to 4294967295", text);
	if (range_fault(&range) != NULL)
		return failure_option(f, kind->option, "mapping '%s': %s", text,
				      range_fault(&range));
	return append(map, kind, range, f);
}

/* Does the first field of a line of subid(5) mean this user?  A number only if all digits. */
static bool is_owner(const char *field, const char *name, uint32_t uid)
{
	uint32_t number;

	return strcmp(field, name) == 0 || (num_parse_id(field, &number) && number == uid);
}

struct subid_search {
	const struct idmap_kind *kind;
	const char *name;
	uint32_t uid;
	unsigned line;
	uint64_t free_from; /* above every block seen, for the advice */
};

/* START:COUNT of a line; NULL, or why it cannot be used. */
static const char *parse_block(const char *text, struct idrange *block)
{
	char triple[48];
	uint32_t n[3];

	if ((size_t)snprintf(triple, sizeof(triple), "0:%s", text) >= sizeof(triple) ||
	    !parse_three(triple, ':', n))
		return "expected NAME:START:COUNT, numbers 0 to 4294967295";
	*block = (struct idrange){ .outer = n[1], .count = n[2] };
	return range_fault(block);
}

/* One line of subid(5): 1 the caller's, 0 another's, -1 the caller's but unusable. */
static int read_subid_line(struct subid_search *s, char *text, size_t length, struct idrange *block,
			   struct failure *f)
{
	char *colon = strchr(text, ':'), where[64];
	const char *fault;

	s->line++;
	if (text[length - 1] == '\n')
		text[--length] = '\0';
	if (text[0] == '#' || colon == NULL)
		return 0;
	fault = strlen(text) != length ? "it contains a NUL byte" : parse_block(colon + 1, block);
	if (fault == NULL && (uint64_t)block->outer + block->count > s->free_from)
		s->free_from = (uint64_t)block->outer + block->count;
	*colon = '\0';
	if (!is_owner(text, s->name, s->uid))
		return 0;
	if (fault == NULL)
		return 1;
	snprintf(where, sizeof(where), "%s:%u", s->kind->subids, s->line);
	return failure_reason(f, "use", where, "%s", fault);
}

/* A line of ours would not do all: what else there must be. */
static bool lacks_more_than_line(const struct subid_search *s, struct failure *f)
{
	const unsigned first = (unsigned)s->free_from;
	struct idmap own = { 0 };
	struct failure ignored;

	if (idmap_read(s->kind, -1, &own, &ignored) == 0 &&
	    !idmap_has_inner_range(&own, first, 65536))
		failure_hint(f,
			     "the user namespace that you are in does not have the %s IDs %u to "
			     "%u; begin in one around it",
			     s->kind->noun, first, first + 65535);
	else if (getpwuid(s->uid) == NULL && !caps_have(s->kind->capability))
		failure_hint(f, "user ID %s has no name, which %s asks for; add it to /etc/passwd",
			     s->name, s->kind->helper);
	else
		return false;
	return true;
}

static int no_subids(const struct subid_search *s, struct failure *f)
{
	failure_reason(f, s->kind == &idmap_users ? "map users" : "map groups", NULL,
		       "no subordinate %s IDs for '%s' in %s", s->kind->noun, s->name,
		       s->kind->subids);
	if (s->free_from <= RANGE_END - 65536 && !lacks_more_than_line(s, f))
		failure_hint(f,
			     "no line there is yours; add '%s:%llu:65536', or run "
			     "'usermod %s %llu-%llu %s'",
			     s->name, (unsigned long long)s->free_from, s->kind->usermod,
			     (unsigned long long)s->free_from,
			     (unsigned long long)s->free_from + 65535, s->name);
	return -1;
}

/* Whose lines are looked for: the effective user's, by name or by number. */
static FILE *start_search(struct subid_search *s, const struct idmap_kind *kind, char number[16])
{
	const struct passwd *user = getpwuid(geteuid());

	*s = (struct subid_search){ .kind = kind, .uid = geteuid(), .free_from = SUBIDS_START };
	snprintf(number, 16, "%u", (unsigned)geteuid());
	s->name = user != NULL ? user->pw_name : number;
	return fopen(kind->subids, "re");
}

/* The first block of the effective user's in subid(5). */
static int find_subids(const struct idmap_kind *kind, struct idrange *found, struct failure *f)
{
	struct subid_search search;
	char number[16];
	autofile *file = start_search(&search, kind, number);
	autofree char *text = NULL;
	size_t size = 0;
	ssize_t length = 0;
	int result = 0;

	if (file == NULL && errno == ENOENT)
		return no_subids(&search, f);
	if (file == NULL)
		return failure_errno(f, "read", kind->subids);
	while (result == 0 && (length = getline(&text, &size, file)) > 0)
		result = read_subid_line(&search, text, (size_t)length, found, f);
	if (result == 0 && ferror(file))
		return failure_errno(f, "read", kind->subids);
	return result == 1 ? 0 : result < 0 ? -1 : no_subids(&search, f);
}

int idmap_read(const struct idmap_kind *kind, int self, struct idmap *own, struct failure *f)
{
	char path[32], text[2 * KERNEL_IDMAP_LINES * 34];
	char *line = text, *end;

	snprintf(path, sizeof(path), "/proc/self/%s", kind->map);
	if (file_read(self < 0 ? AT_FDCWD : self, self < 0 ? path : kind->map, text, sizeof(text)) <
	    0)
		return failure_errno(f, "read", path);
	for (own->ranges = 0; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		struct idrange *r = &own->range[own->ranges];
		uint32_t *into[] = { &r->inner, &r->outer, &r->count };
		char *save = NULL, *word = line;

		*end = '\0';
		for (int i = 0; i < 3; i++, word = NULL) {
			uint64_t n = 0;

			word = strtok_r(word, " ", &save);
			if (word == NULL || !num_parse(word, UINT32_MAX, &n))
				return failure_reason(f, "read", path, "not a map");
			*into[i] = (uint32_t)n;
		}
		if (++own->ranges == KERNEL_IDMAP_LINES)
			break;
	}
	return 0;
}

static int add_all(struct idmap *map, const struct idmap_kind *kind, struct failure *f)
{
	struct idmap own = { 0 };

	if (idmap_read(kind, -1, &own, f) != 0)
		return -1;
	for (size_t i = 0; i < own.ranges; i++) {
		struct idrange range = { .inner = own.range[i].inner,
					 .outer = own.range[i].inner,
					 .count = own.range[i].count };

		if (append(map, kind, range, f) != 0)
			return -1;
	}
	return 0;
}

int idmap_add(struct idmap *map, const struct idmap_kind *kind, const char *text, struct failure *f)
{
	bool from_zero = strcmp(text, "auto") == 0;
	struct idrange range = { 0 };

	if (strcmp(text, "all") == 0)
		return add_all(map, kind, f);
	if (!from_zero && strcmp(text, "subids") != 0)
		return add_explicit(map, kind, text, f);
	if (find_subids(kind, &range, f) != 0)
		return -1;
	range.inner = from_zero ? 0 : range.outer;
	range.open_ended = from_zero;
	return append(map, kind, range, f);
}

static bool overlap(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return a < (uint64_t)b + b_count && b < (uint64_t)a + a_count;
}

int idmap_check(const struct idmap *map, const struct idmap_kind *kind, struct failure *f)
{
	for (size_t i = 0; i < map->ranges; i++)
		for (size_t j = 0; j < i; j++) {
			const struct idrange *a = &map->range[j], *b = &map->range[i];
			bool inner = overlap(a->inner, a->count, b->inner, b->count);

			if (inner || overlap(a->outer, a->count, b->outer, b->count))
				return failure_option(
					f, kind->option,
					"mappings '%u:%u:%u' and '%u:%u:%u' overlap %s", a->inner,
					a->outer, a->count, b->inner, b->outer, b->count,
					inner ? "inside" : "outside");
		}
	return 0;
}

static bool contains(uint32_t start, uint32_t count, uint32_t id)
{
	return id >= start && id - start < count;
}

/* Appends what a range has left beside the pair, in up to three pieces. */
static int append_around(struct idmap *map, const struct idmap_kind *kind, struct idrange r,
			 struct idrange pair, struct failure *f)
{
	uint64_t inner = r.inner, outer = r.outer, left = r.count;

	if (contains(r.outer, r.count, pair.outer) ||
	    (!r.open_ended && contains(r.inner, r.count, pair.inner)))
		left--;
	while (left > 0) {
		uint64_t piece = left;

		inner += inner == pair.inner;
		outer += outer == pair.outer;
		if (pair.inner > inner && pair.inner - inner < piece)
			piece = pair.inner - inner;
		if (pair.outer > outer && pair.outer - outer < piece)
			piece = pair.outer - outer;
		if (append(map, kind,
			   (struct idrange){ .inner = (uint32_t)inner,
					     .outer = (uint32_t)outer,
					     .count = (uint32_t)piece },
			   f) != 0)
			return -1;
		inner += piece;
		outer += piece;
		left -= piece;
	}
	return 0;
}

int idmap_add_single(struct idmap *map, const struct idmap_kind *kind, uint32_t inner,
		     uint32_t outer, struct failure *f)
{
	struct idrange pair = { .inner = inner, .outer = outer, .count = 1 };
	const struct idmap old = *map;

	map->ranges = map->bytes = 0;
	if (append(map, kind, pair, f) != 0)
		return -1;
	for (size_t i = 0; i < old.ranges; i++)
		if (append_around(map, kind, old.range[i], pair, f) != 0)
			return -1;
	return 0;
}

uint32_t idmap_to_inner(const struct idmap *map, uint32_t outer)
{
	for (size_t i = 0; i < map->ranges; i++)
		if (contains(map->range[i].outer, map->range[i].count, outer))
			return map->range[i].inner + (outer - map->range[i].outer);
	return KERNEL_OVERFLOW_ID;
}

bool idmap_has_inner_range(const struct idmap *map, uint32_t inner, uint32_t count)
{
	for (size_t i = 0; i < map->ranges; i++)
		if (contains(map->range[i].inner, map->range[i].count, inner) &&
		    contains(map->range[i].inner, map->range[i].count, inner + count - 1))
			return true;
	return false;
}

bool idmap_has_inner(const struct idmap *map, uint32_t inner)
{
	return idmap_has_inner_range(map, inner, 1);
}

/* Every block of subid(5), the caller's own and those of others. */
static bool read_blocks(const struct idmap_kind *kind, struct idmap_foreign *found,
			struct idmap *own, struct idmap *others)
{
	struct subid_search search;
	char number[16];
	autofile *file = start_search(&search, kind, number);
	autofree char *text = NULL;
	struct failure ignored;
	size_t size = 0;
	ssize_t length;

	snprintf(found->user, sizeof(found->user), "%s", search.name);
	if (file == NULL)
		return errno == ENOENT;
	while ((length = getline(&text, &size, file)) > 0) {
		struct idrange block = { 0 };
		int whose = read_subid_line(&search, text, (size_t)length, &block, &ignored);

		if (whose >= 0 && block.count > 0 &&
		    append(whose > 0 ? own : others, kind, block, &ignored) != 0)
			return false;
	}
	return ferror(file) == 0;
}

/* The first ID of a range that none of the blocks has, or its end. */
static uint64_t first_outside(const struct idrange *range, const struct idmap *blocks)
{
	uint64_t id = range->outer, end = id + range->count;

	for (size_t i = 0; i < blocks->ranges && id < end; i++)
		if (contains(blocks->range[i].outer, blocks->range[i].count, (uint32_t)id)) {
			id = (uint64_t)blocks->range[i].outer + blocks->range[i].count;
			i = (size_t)-1; /* the next may be in an earlier one */
		}
	return id < end ? id : end;
}

bool idmap_find_foreign(const struct idmap *map, const struct idmap_kind *kind, uint32_t id,
			struct idmap_foreign *found)
{
	struct idmap own = { 0 }, others = { 0 };

	if (!read_blocks(kind, found, &own, &others))
		return false;
	for (size_t i = 0; i < map->ranges; i++) {
		const struct idrange *r = &map->range[i];

		if ((r->count == 1 && r->outer == id) ||
		    first_outside(r, &own) == (uint64_t)r->outer + r->count)
			continue;
		found->range = *r;
		found->is_free = r->outer >= SUBIDS_START;
		for (size_t j = 0; j < others.ranges; j++)
			found->is_free &= !overlap(r->outer, r->count, others.range[j].outer,
						   others.range[j].count);
		return true;
	}
	return false;
}

bool idmap_own_has(const struct idmap_kind *kind, uint32_t inner)
{
	struct idmap own = { 0 };
	struct failure ignored;

	return idmap_read(kind, -1, &own, &ignored) == 0 && idmap_has_inner(&own, inner);
}

bool idmap_is_single(const struct idmap *map, uint32_t outer)
{
	return map->ranges == 1 && map->range[0].count == 1 && map->range[0].outer == outer;
}

bool idmap_may_write(const struct idmap *map, const struct idmap_kind *kind, uint32_t own)
{
	return map->ranges == 0 || idmap_is_single(map, own) || caps_have(kind->capability);
}

static int no_privilege(struct failure *f, const struct idmap_kind *kind, const char *path,
			const char *reason, const char *fix)
{
	failure_reason(f, "run", path, "%s", reason);
	failure_hint(f, "%s cannot write a map like this; %s", kind->helper, fix);
	return -1;
}

/* newuidmap(1) is of use only with the set-user-ID bit of root's, or file capabilities. */
static int check_helper(const struct idmap_kind *kind, const char *path, const struct stat *st,
			struct failure *f)
{
	struct idmap own = { 0 };
	struct failure ignored;
	struct statvfs fs;
	char fix[320];

	if (access(path, X_OK) != 0)
		return failure_errno(f, "run", path);
	/* Then its set-user-ID bit does nothing (user_namespaces(7)). */
	if (st->st_uid == KERNEL_OVERFLOW_ID && idmap_read(&idmap_users, -1, &own, &ignored) == 0 &&
	    !idmap_has_inner_range(&own, 0, RANGE_END))
		return no_privilege(f, kind, path,
				    "its owner is not mapped in the user namespace that you are in",
				    "begin in one around it");
	snprintf(fix, sizeof(fix), "run 'chmod u+s %.256s' as root", path);
	if ((st->st_uid != 0 || (st->st_mode & S_ISUID) == 0) &&
	    getxattr(path, "security.capability", NULL, 0) <= 0)
		return no_privilege(f, kind, path,
				    "it has neither the set-user-ID bit nor file capabilities",
				    fix);
	/* Who is root gets capabilities by any execve(2). */
	if (geteuid() == 0)
		return 0;
	if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOSUID) != 0)
		return no_privilege(f, kind, path, "it is on a mount with the option nosuid",
				    "remount that with the option suid, as root");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return no_privilege(f, kind, path, "no_new_privs is set",
				    "run this outside of what set that, as a container or service");
	return 0;
}

int idmap_find_helper(const struct idmap_kind *kind, char *path, size_t size, struct failure *f)
{
	for (const char *dir = IDMAP_PATH; *dir != '\0';) {
		int length = (int)strcspn(dir, ":");
		struct stat st;

		snprintf(path, size, "%.*s/%s", length, dir, kind->helper);
		if (stat(path, &st) == 0)
			return check_helper(kind, path, &st, f);
		dir += length + (dir[length] == ':');
	}
	failure_reason(f, "run", kind->helper, "not found in %s", IDMAP_PATH);
	failure_hint(
		f, "this map needs it; install the package uidmap (Debian), shadow-utils (Fedora) "
		   "or shadow-subids (Alpine)");
	return -1;
}

enum { HELPER_ARGUMENTS = 3 + 3 * KERNEL_IDMAP_LINES, NUMBER_BYTES = 12 };

/* With an empty environment, and signals not blocked as ours are. */
__attribute__((noreturn)) static void exec_helper(char *const argv[], const char *path)
{
	char *environment[] = { NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(path, argv, environment);
	_exit(126);
}

static int run_helper(const struct idmap_kind *kind, char *const argv[], const char *path,
		      struct failure *f)
{
	const char *verb = kind == &idmap_users ? "map users" : "map groups";
	pid_t pid = fork();
	int status;

	if (pid == 0)
		exec_helper(argv, path);
	if (pid < 0)
		return failure_errno(f, "fork", NULL);
	status = child_reap(pid);
	if (WIFSIGNALED(status))
		return failure_reason(f, verb, NULL, "'%s' was killed by signal %d", path,
				      WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return failure_reason(f, verb, NULL, "'%s' failed with status %d", path,
				      WEXITSTATUS(status));
	return 0;
}

static int write_by_helper(const struct idmap *map, const struct idmap_kind *kind, pid_t pid,
			   const char *path, struct failure *f)
{
	char text[HELPER_ARGUMENTS][NUMBER_BYTES], *argv[HELPER_ARGUMENTS];
	char line[KERNEL_IDMAP_LINES * 3 * NUMBER_BYTES] = "";
	size_t used = 0, argc = 0;

	argv[argc++] = (char *)(uintptr_t)kind->helper;
	for (size_t i = 0; i < 1 + 3 * map->ranges; i++) {
		const struct idrange *r = &map->range[i > 0 ? (i - 1) / 3 : 0];
		const uint32_t field[] = { r->inner, r->outer, r->count };

		snprintf(text[argc], NUMBER_BYTES, "%u",
			 i == 0 ? (unsigned)pid : field[(i - 1) % 3]);
		used += (size_t)snprintf(line + used, sizeof(line) - used, ", \"%s\"", text[argc]);
		argv[argc] = text[argc];
		argc++;
	}
	argv[argc] = NULL;
	trace_last_call("execve(\"%s\", [\"%s\"%s])", path, kind->helper, line);
	return trace_is_dry_run() ? 0 : run_helper(kind, argv, path, f);
}

int idmap_write(const struct idmap *map, const struct idmap_kind *kind,
		const struct idmap_target *target, const char *helper, struct failure *f)
{
	char text[KERNEL_IDMAP_BYTES], label[64];
	size_t used = 0;

	if (map->ranges == 0)
		return 0;
	if (helper[0] != '\0')
		return write_by_helper(map, kind, target->pid, helper, f);
	for (size_t i = 0; i < map->ranges; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u %u %u",
					 i > 0 ? "\n" : "", map->range[i].inner,
					 map->range[i].outer, map->range[i].count);
	snprintf(label, sizeof(label), "%s/%s", target->label, kind->map);
	if (file_write(target->proc, kind->map, label, text) != 0)
		return failure_errno(f, "write", label);
	return 0;
}
