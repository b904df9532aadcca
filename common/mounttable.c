/*
 * mounttable.c - the language of mount options, and the table of mounts, by libmount
 *
 * SPDX-License-Identifier: MIT
 */
#include "mounttable.h"

#include <errno.h>
#include <libmount.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "num.h"

/* One option of the list: in libmount, and not ended by a NUL. */
struct word {
	const char *name, *value;
	size_t length, value_length;
	char text[80]; /* the whole, for messages */
};

static bool is_number(const char *value)
{
	uint32_t id;

	return num_parse_id(value, &id);
}

/* proc(5).  The kernel checks them, too, but says less, and not in a dry run. */
static const struct {
	const char *name;
	const char *values; /* "value\0value\0", or NULL: an ID */
} own_options[] = {
	{ "hidepid", "0\0"
		     "1\0"
		     "2\0"
		     "4\0"
		     "off\0"
		     "noaccess\0"
		     "invisible\0"
		     "ptraceable\0" },
	{ "subset", "pid\0" },
	{ "gid", NULL },
};

static bool has_value(const char *values, const char *value)
{
	for (; *values != '\0'; values += strlen(values) + 1)
		if (strcmp(values, value) == 0)
			return true;
	return false;
}

/* One of proc's own: 0, -1 with *f, or 1: it is none. */
static int take_own(const struct word *word, struct mnt_options *options, struct failure *f)
{
	struct mnt_option *option = &options->option[options->count];
	size_t i = 0, count = sizeof(own_options) / sizeof(own_options[0]);

	while (i < count && (strlen(own_options[i].name) != word->length ||
			     memcmp(own_options[i].name, word->name, word->length) != 0))
		i++;
	if (i == count)
		return 1;
	if (word->value == NULL || word->value_length == 0)
		return failure_option(f, word->text, "needs a value");
	if (options->count == MNT_OPTIONS)
		return failure_option(f, word->text, "too many options");
	if (word->value_length < sizeof(option->value)) {
		*option = (struct mnt_option){ .has_value = true };
		strcpy(option->name, own_options[i].name);
		memcpy(option->value, word->value, word->value_length);
		if (own_options[i].values != NULL ? has_value(own_options[i].values, option->value)
						  : is_number(option->value)) {
			options->count++;
			return 0;
		}
	}
	return failure_option(f, word->text, "proc has no such value of '%s'", own_options[i].name);
}

/* Flags of any mount; false: none of those that a new proc can have, or not have. */
static bool take_flag(unsigned long flag, bool off, struct mnt_options *options)
{
	switch (flag) {
	case MS_RDONLY: options->read_only = !off; return true;
	case MS_NOATIME: options->no_atime = !off; return true;
	case MS_NODIRATIME: options->no_diratime = !off; return true;
	case MS_STRICTATIME: options->strict_atime = !off; return true;
	case MS_RELATIME: /* what a mount has without any option */ return true;
	default: return false;
	}
}

static bool is_always_on(unsigned long flag)
{
	return flag == MS_NOSUID || flag == MS_NODEV || flag == MS_NOEXEC;
}

static const struct libmnt_optmap *find_flag(const struct word *word)
{
	const struct libmnt_optmap *map = mnt_get_builtin_optmap(MNT_LINUX_MAP);

	for (; map != NULL && map->name != NULL; map++)
		if (strlen(map->name) == word->length &&
		    memcmp(map->name, word->name, word->length) == 0)
			return map;
	return NULL;
}

static int take_word(const struct word *word, struct mnt_options *options, struct failure *f)
{
	const struct libmnt_optmap *map;
	int taken = take_own(word, options, f);
	bool off;

	if (taken <= 0)
		return taken;
	if (word->value == NULL && strcmp(word->text, "defaults") == 0)
		return 0;
	map = find_flag(word);
	if (map == NULL)
		return failure_option(f, word->text, "proc has no such mount option");
	if (word->value != NULL)
		return failure_option(f, word->text, "takes no value");
	off = (map->mask & MNT_INVERT) != 0;
	if (is_always_on((unsigned long)map->id))
		return off ? failure_option(f, word->text,
					    "proc is always mounted nosuid,nodev,noexec")
			   : 0;
	if (take_flag((unsigned long)map->id, off, options))
		return 0;
	return failure_option(f, word->text, "not an option of a new proc");
}

static bool has_open_quote(const char *list)
{
	bool open = false;

	for (; *list != '\0'; list++)
		open ^= *list == '"';
	return open;
}

int mounttable_parse_options(const char *list, struct mnt_options *options, struct failure *f)
{
	char *at = (char *)list, *name, *value;
	struct word word;
	int status;

	*options = (struct mnt_options){ 0 };
	/* libmount ends there without an error, and what follows would not be in force. */
	if (has_open_quote(list))
		return failure_option(f, "--options", "'%s' has a quote without an end", list);
	while ((status = mnt_optstr_next_option(&at, &name, &word.length, &value,
						&word.value_length)) == 0) {
		size_t size = value != NULL ? (size_t)(value - name) + word.value_length
					    : word.length;

		word.name = name;
		word.value = value;
		snprintf(word.text, sizeof(word.text), "%.*s", (int)size, name);
		if (take_word(&word, options, f) != 0)
			return -1;
	}
	if (status < 0)
		return failure_option(f, "--options", "'%s' is no list of options", list);
	if (options->no_atime && options->strict_atime)
		return failure_option(f, "strictatime", "cannot stand beside noatime");
	return 0;
}

struct mounttable {
	struct libmnt_table *mounts;
};

struct mounttable *mounttable_read(FILE *mountinfo)
{
	struct mounttable *table = calloc(1, sizeof(*table));
	int status;

	if (table == NULL)
		return NULL;
	table->mounts = mnt_new_table();
	status = table->mounts == NULL
			 ? -ENOMEM
			 : mnt_table_parse_stream(table->mounts, mountinfo, "mountinfo");
	if (status == 0)
		return table;
	mounttable_free(table);
	errno = status < 0 ? -status : EINVAL;
	return NULL;
}

void mounttable_free(struct mounttable *table)
{
	int saved = errno;

	if (table != NULL)
		mnt_unref_table(table->mounts);
	free(table);
	errno = saved;
}

static const char *text_of(const char *text)
{
	return text != NULL ? text : "";
}

static void fill_entry(struct mounttable_entry *entry, struct libmnt_fs *fs)
{
	const char *tags = text_of(mnt_fs_get_optional_fields(fs));

	*entry = (struct mounttable_entry){
		.id = mnt_fs_get_id(fs),
		.parent = mnt_fs_get_parent_id(fs),
		.mount_point = text_of(mnt_fs_get_target(fs)),
		.root = text_of(mnt_fs_get_root(fs)),
		.type = text_of(mnt_fs_get_fstype(fs)),
		.options = text_of(mnt_fs_get_vfs_options(fs)),
		.fs_options = text_of(mnt_fs_get_fs_options(fs)),
		.is_shared = strstr(tags, "shared:") != NULL,
		.is_slave = strstr(tags, "master:") != NULL,
	};
}

void mounttable_each(struct mounttable *table,
		     void (*found)(void *context, const struct mounttable_entry *entry),
		     void *context)
{
	struct libmnt_iter *iterator = mnt_new_iter(MNT_ITER_FORWARD);
	struct mounttable_entry entry;
	struct libmnt_fs *fs;

	while (iterator != NULL && mnt_table_next_fs(table->mounts, iterator, &fs) == 0) {
		fill_entry(&entry, fs);
		found(context, &entry);
	}
	mnt_free_iter(iterator);
}

struct search {
	int id;
	bool found;
	struct mounttable_entry *entry;
};

static void compare_id(void *context, const struct mounttable_entry *entry)
{
	struct search *search = context;

	if (entry->id != search->id)
		return;
	search->found = true;
	*search->entry = *entry;
}

bool mounttable_find(struct mounttable *table, int id, struct mounttable_entry *entry)
{
	struct search search = { .id = id, .entry = entry };

	mounttable_each(table, compare_id, &search);
	return search.found;
}
