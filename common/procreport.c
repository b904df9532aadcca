/*
 * procreport.c - what there is to know before a proc is mounted, one line each, or as JSON
 *
 * SPDX-License-Identifier: MIT
 */
#include "procreport.h"

#include <stdint.h>
#include <string.h>

#include "procexplain.h"
#include "procothers.h"

struct report {
	int levels; /* view->levels_at */
	ino_t shown;
	bool matches;
	struct procothers others;
	struct procexplain_place place;
};

/* Of a name only what is printable, and no quote that would end it. */
static void print_text(const char *text, bool json, FILE *file)
{
	char shown[4 * 4096 + 8];

	message_escape(text, shown, sizeof(shown));
	fputc(json ? '"' : '\'', file);
	for (const char *c = shown; *c != '\0'; c++) {
		if (json && (*c == '"' || *c == '\\'))
			fputc('\\', file);
		fputc(*c, file);
	}
	fputc(json ? '"' : '\'', file);
}

static const char *relation(const struct report *r)
{
	return r->matches       ? "own"
	       : r->levels < 0  ? "none"
	       : r->levels == 0 ? "other"
	       : r->levels == 1 ? "own"
				: "outer";
}

static const char *propagation(const struct procexplain_place *place)
{
	return !place->is_known                      ? "unknown"
	       : place->is_shared && place->is_slave ? "shared,slave"
	       : place->is_shared                    ? "shared"
	       : place->is_slave                     ? "slave"
						     : "private";
}

static void print_shown(const struct report *r, FILE *file)
{
	if (r->matches)
		fputs("your PID namespace", file);
	else if (r->levels < 0)
		fputs("nothing: it is not the root of a proc", file);
	else if (r->levels > 1)
		fprintf(file, "a PID namespace %d level%s above yours", r->levels - 1,
			r->levels == 2 ? "" : "s");
	else
		fputs("another PID namespace, in which you are not", file);
	if (r->shown != 0)
		fprintf(file, ", pid:[%ju]", (uintmax_t)r->shown);
	fputc('\n', file);
}

/* Of many so many on the line; all are in the JSON. */
enum { NAMED = 8 };

static void print_others(const struct procview *view, const struct report *r, FILE *file)
{
	const struct procothers *o = &r->others;

	fprintf(file, "mount namespace: mnt:[%ju], with ", (uintmax_t)view->mnt);
	if (!o->is_known && o->count == 0) {
		fputs("an unknown number of other processes in it\noutside: unknown\n", file);
		return;
	}
	fprintf(file, "%zu other process%s in it", o->count, o->count == 1 ? "" : "es");
	for (size_t i = 0; i < o->count && i < NAMED; i++) {
		char command[4 * sizeof(o->process[i].command)];

		message_escape(o->process[i].command, command, sizeof(command));
		fprintf(file, "%s %d (%s)", i == 0 ? ":" : ",", (int)o->process[i].pid, command);
	}
	if (o->count > NAMED)
		fprintf(file, " and %zu more", o->count - NAMED);
	fprintf(file, "\noutside: %zu of them in another PID namespace", o->outside);
	if (o->unread > 0)
		fprintf(file, ", and %zu that may not be looked at", o->unread);
	if (!o->is_known)
		fputs(", and those that /proc hides", file);
	fputc('\n', file);
}

static void print_masks(const struct procexplain_place *place, FILE *file)
{
	fputs("masked:", file);
	for (size_t i = 0; i < place->mask_count; i++) {
		fputs(i == 0 ? " " : ", ", file);
		print_text(place->masks[i], false, file);
	}
	fputs(place->mask_count > 0 ? "\n" : !place->is_known ? " unknown\n" : " no\n", file);
}

static void print_lines(const struct procview *view, const struct report *r, FILE *file)
{
	fputs("directory: ", file);
	print_text(view->dir, false, file);
	fputs("\nshows: ", file);
	print_shown(r, file);
	fprintf(file, "matches: %s\n", r->matches ? "yes" : "no");
	print_others(view, r, file);
	fprintf(file, "propagation: %s\n", propagation(&r->place));
	print_masks(&r->place, file);
}

static void print_inode(const char *name, ino_t inode, FILE *file)
{
	fprintf(file, ",\n   \"%s\": ", name);
	fprintf(file, inode != 0 ? "%ju" : "null", (uintmax_t)inode);
}

static void print_json_others(const struct procothers *o, FILE *file)
{
	if (!o->is_known) {
		fputs(",\n   \"processes\": null,\n   \"outside\": null,\n   \"unread\": null",
		      file);
		return;
	}
	fputs(",\n   \"processes\": [", file);
	for (size_t i = 0; i < o->count; i++) {
		fprintf(file,
			"%s\n      {\"pid\": %d, \"outside\": %s, \"command\": ", i == 0 ? "" : ",",
			(int)o->process[i].pid, o->process[i].is_outside ? "true" : "false");
		print_text(o->process[i].command, true, file);
		fputc('}', file);
	}
	fprintf(file, "%s],\n   \"outside\": %zu,\n   \"unread\": %zu", o->count > 0 ? "\n   " : "",
		o->outside, o->unread);
}

static void print_json(const struct procview *view, const struct report *r, FILE *file)
{
	fputs("{\n   \"schema\": 1,\n   \"directory\": ", file);
	print_text(view->dir, true, file);
	fprintf(file, ",\n   \"shows\": \"%s\",\n   \"levels\": %d", relation(r),
		r->levels < 0 ? 0 : r->levels);
	print_inode("pid_namespace", r->shown, file);
	fprintf(file, ",\n   \"matches\": %s", r->matches ? "true" : "false");
	print_inode("own_pid_namespace", view->pid, file);
	print_inode("mount_namespace", view->mnt, file);
	print_json_others(&r->others, file);
	fprintf(file, ",\n   \"propagation\": \"%s\",\n   \"masked\": ", propagation(&r->place));
	fputs(r->place.is_known ? "[" : "null", file);
	for (size_t i = 0; i < r->place.mask_count; i++) {
		fputs(i == 0 ? "" : ", ", file);
		print_text(r->place.masks[i], true, file);
	}
	fputs(r->place.is_known ? "]\n}\n" : "\n}\n", file);
}

int procreport_print(const struct procview *view, bool json, FILE *file, struct failure *f)
{
	struct report r = { .levels = view->levels_at };

	r.matches = procview_matches(view);
	if (r.matches)
		r.shown = view->pid;
	else if (r.levels >= 0)
		r.shown = procview_shown(view->at);
	if (procothers_find(view, &r.others, f) != 0)
		return -1;
	procexplain_find_place(view, &r.place);
	if (json)
		print_json(view, &r, file);
	else
		print_lines(view, &r, file);
	procexplain_free_place(&r.place);
	procothers_free(&r.others);
	return 0;
}
