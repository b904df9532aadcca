/*
 * pids.c - the processes of a PID namespace, by their PIDs at each level
 *
 * SPDX-License-Identifier: MIT
 */
#include "pids.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "cleanup.h"
#include "json.h"
#include "procfs.h"

const struct census_ns *pids_find_ns(const struct census *census, const struct nsref_target *target)
{
	const struct nstype *pid = nstype_by_flag(CLONE_NEWPID);
	const struct census_process *process =
		target != NULL ? target->process : census_find_process(census, census->self);
	const struct census_ns *ns = target != NULL ? target->ns : NULL;

	if (process != NULL)
		ns = process->ns[pid - nstypes];
	else if (target != NULL && target->initial)
		ns = census_find_ns(census, pid, pid->initial);
	return ns != NULL && ns->type == pid ? ns : NULL;
}

/* The levels, with this between them. */
static void join_levels(const pid_t *pids, size_t levels, const char *between, char *text,
			size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < levels && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%d", i > 0 ? between : "",
					 pids[i]);
}

/* One process as it was read, which is printed in one way or another. */
struct entry {
	struct procfs_status status;
	char command[PROCFS_COMMAND_BYTES];
};

enum { FIELDS = 4, FIELD_BYTES = PROCFS_LEVELS * 12 };

static const struct show_column columns[] = {
	{ "NSPID", 0, SHOW_RIGHT }, { "NSTGID", 0, SHOW_RIGHT }, { "NSPGID", 0, SHOW_RIGHT },
	{ "NSSID", 0, SHOW_RIGHT }, { "COMMAND", 0, SHOW_CUT },
};

static void write_fields(const struct entry *entry, const char *between,
			 char text[FIELDS][FIELD_BYTES])
{
	const pid_t *const pids[FIELDS] = { entry->status.pid, entry->status.tgid,
					    entry->status.pgid, entry->status.sid };

	for (size_t i = 0; i < FIELDS; i++)
		join_levels(pids[i], entry->status.levels, between, text[i], FIELD_BYTES);
}

static int print_json(const struct entry *entry, FILE *file)
{
	static const char *const names[FIELDS] = { "nspid", "nstgid", "nspgid", "nssid" };
	char text[FIELDS][FIELD_BYTES];

	write_fields(entry, ", ", text);
	fputs("      {", file);
	for (size_t i = 0; i < FIELDS; i++)
		fprintf(file, "\"%s\": [%s], ", names[i], text[i]);
	fputs("\"command\": ", file);
	json_string(file, entry->command);
	fputs("}", file);
	return 0;
}

static int print_line(const struct entry *entry, struct show *show)
{
	char text[FIELDS][FIELD_BYTES];
	char *cell[] = { text[0], text[1], text[2], text[3], (char *)entry->command };
	struct show_line *line;

	write_fields(entry, ",", text);
	return show_add(show, cell, NULL, &line);
}

/* -1: it has ended, or is counted among those that could not be read. */
static int read_entry(struct census *census, struct census_process *process, struct entry *entry)
{
	autofd dir = census_open_process(census, process);

	if (dir >= 0 && procfs_read_status(dir, &entry->status) == 0 &&
	    procfs_read_command(dir, entry->command, sizeof(entry->command)) == 0)
		return 0;
	if (errno != ESRCH && errno != ENOENT && !process->denied) {
		process->denied = true;
		census->unreadable++;
	}
	return -1;
}

/* Into show, or where that is NULL as JSON into file. */
static int print_all(struct census *census, const struct census_ns *ns, struct show *show,
		     FILE *file)
{
	size_t pid = (size_t)(ns->type - nstypes);
	const char *between = "\n";

	for (size_t i = 0; i < census->processes; i++) {
		struct census_process *process = census->process[i];
		struct entry entry;

		if (!census_is_below(process->ns[pid], ns) ||
		    read_entry(census, process, &entry) != 0)
			continue;
		if (show == NULL)
			fputs(between, file);
		if ((show != NULL ? print_line(&entry, show) : print_json(&entry, file)) != 0)
			return -1;
		between = ",\n";
	}
	return 0;
}

int pids_print(struct census *census, const struct census_ns *ns,
	       const struct show_options *options, FILE *file, struct failure *f)
{
	struct show *show = NULL;
	int status;

	if (options->json) {
		fprintf(file, "{\n   \"schema\": 1,\n   \"ns\": %ju,\n   \"processes\": [",
			(uintmax_t)ns->inode);
		print_all(census, ns, NULL, file);
		fputs("\n   ]\n}\n", file);
		return 0;
	}
	show = show_start(options, columns, sizeof(columns) / sizeof(columns[0]));
	status = show != NULL ? print_all(census, ns, show, file) : -1;
	return show_finish(show, status, "print the processes", file, f);
}
