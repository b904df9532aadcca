/*
 * columns.c - the columns of a list of namespaces, each stated once
 *
 * SPDX-License-Identifier: MIT
 */
#include "columns.h"

#include <inttypes.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pwd.h>
#include <sched.h>
#include <stdarg.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "container.h"
#include "kernel.h"
#include "pinned.h"
#include "procfs.h"

__attribute__((format(printf, 1, 2))) static char *format(const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return length < 0 ? NULL : text;
}

/* --- The namespace */

static char *text_ns(struct columns *columns, const struct row *row)
{
	(void)columns;
	return format("%ju", (uintmax_t)row->ns->inode);
}

static char *text_type(struct columns *columns, const struct row *row)
{
	(void)columns;
	return strdup(row->ns->type->name);
}

static char *text_nprocs(struct columns *columns, const struct row *row)
{
	(void)columns;
	return format("%zu", row->ns->processes);
}

/* lsns(8) has 0 where there is none, or none that the caller may know of. */
static char *text_pns(struct columns *columns, const struct row *row)
{
	const struct census_ns *parent = row->ns->parent;

	(void)columns;
	return format("%ju", parent != NULL ? (uintmax_t)parent->inode : 0);
}

static char *text_ons(struct columns *columns, const struct row *row)
{
	const struct census_ns *owner = row->ns->owner;

	(void)columns;
	return format("%ju", owner != NULL ? (uintmax_t)owner->inode : 0);
}

static char *text_level(struct columns *columns, const struct row *row)
{
	int nested = CLONE_NEWUSER | CLONE_NEWPID;

	(void)columns;
	return (row->ns->type->flag & nested) == 0 ? NULL : format("%zu", census_level(row->ns));
}

static char *text_nsid(struct columns *columns, const struct row *row)
{
	(void)columns;
	return row->ns->id == 0 ? NULL : format("%" PRIu64, row->ns->id);
}

/* --- What keeps it alive */

static const char *const kinds[] = {
	[CENSUS_BY_MOUNT] = "mount",       [CENSUS_BY_THREAD] = "thread",
	[CENSUS_BY_CHILDREN] = "children", [CENSUS_BY_FD] = "fd",
	[CENSUS_BY_SOCKET] = "socket",
};

static char *text_why(struct columns *columns, const struct row *row)
{
	const struct census_ns *ns = row->ns;
	char text[128] = "";
	unsigned kinds_seen = 0;

	(void)columns;
	if (ns->processes > 0)
		strcat(text, ",process");
	for (const struct census_holder *h = ns->holders; h != NULL; h = h->next)
		kinds_seen |= 1u << h->kind;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((kinds_seen & 1u << i) != 0)
			strcat(strcat(text, ","), kinds[i]);
	if (ns->children > 0)
		strcat(text, ",namespace");
	if (ns->dead)
		strcat(text, ",dead");
	return text[0] != '\0' ? strdup(text + 1) : NULL;
}

static char *text_holder(struct columns *columns, const struct row *row)
{
	const struct census_holder *first = row->ns->holders;

	(void)columns;
	if (row->process != NULL)
		return format("%d", row->process->pid);
	for (const struct census_holder *h = first; h != NULL; h = h->next)
		if (h->kind < first->kind)
			first = h;
	return first != NULL ? strdup(first->reference) : NULL;
}

/*
 * The mount points in one's own mount namespace.  Each is escaped before it is joined to
 * the others: a newline in one must not look like the end of it.
 */
static char *text_nsfs(struct columns *columns, const struct row *row)
{
	char *all = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&all, &size);

	for (const struct census_holder *h = row->ns->holders; stream != NULL && h != NULL;
	     h = h->next) {
		autofree char *escaped = NULL;

		if (h->kind != CENSUS_BY_MOUNT || h->elsewhere)
			continue;
		escaped = show_cell(columns->show, h->mount_point);
		if (ftell(stream) > 0)
			fputc(columns->separator, stream);
		fputs(escaped != NULL ? escaped : "?", stream);
	}
	if (stream != NULL && fclose(stream) == 0 && size > 0)
		return all;
	free(all);
	return NULL;
}

/* --- Its first process */

static char *text_pid(struct columns *columns, const struct row *row)
{
	(void)columns;
	return row->process == NULL ? NULL : format("%d", row->process->pid);
}

static char *text_path(struct columns *columns, const struct row *row)
{
	(void)columns;
	return row->process == NULL ? NULL
				    : format("/proc/%d/%s", row->process->pid, row->ns->type->link);
}

static char *text_ppid(struct columns *columns, const struct row *row)
{
	(void)columns;
	return row->process == NULL || !row->process->detailed ? NULL
							       : format("%d", row->process->ppid);
}

static char *text_command(struct columns *columns, const struct row *row)
{
	autofd dir = row->process != NULL ? census_open_process(columns->census, row->process) : -1;
	char text[PROCFS_COMMAND_BYTES];

	return dir < 0 || procfs_read_command(dir, text, sizeof(text)) != 0 ? NULL : strdup(text);
}

static char *text_cgroup(struct columns *columns, const struct row *row)
{
	autofd dir = row->process != NULL ? census_open_process(columns->census, row->process) : -1;
	char text[4096];

	return dir < 0 || procfs_read_cgroup(dir, text, sizeof(text)) != 0 ? NULL : strdup(text);
}

static char *text_nspid(struct columns *columns, const struct row *row)
{
	autofd dir = row->process != NULL ? census_open_process(columns->census, row->process) : -1;
	struct procfs_status status;

	if (dir < 0 || procfs_read_status(dir, &status) != 0 || status.levels == 0)
		return NULL;
	return format("%d", status.pid[status.levels - 1]);
}

static char *text_map(struct columns *columns, const struct row *row, const char *name)
{
	autofd dir = -1;
	char text[16384];

	if (row->ns->type->flag != CLONE_NEWUSER || row->process == NULL)
		return NULL;
	dir = census_open_process(columns->census, row->process);
	return dir < 0 || procfs_read_map(dir, name, text, sizeof(text)) != 0 ? NULL : strdup(text);
}

static char *text_uidmap(struct columns *columns, const struct row *row)
{
	return text_map(columns, row, "uid_map");
}

static char *text_gidmap(struct columns *columns, const struct row *row)
{
	return text_map(columns, row, "gid_map");
}

static char *text_start(struct columns *columns, const struct row *row)
{
	uint64_t start = columns->oldest != NULL ? columns->oldest[row->ns->position] : UINT64_MAX;
	char text[64];
	struct tm tm;
	time_t at;

	if (start == UINT64_MAX || columns->boot_time == 0)
		return NULL;
	at = (time_t)(columns->boot_time + (int64_t)(start / (uint64_t)sysconf(_SC_CLK_TCK)));
	return localtime_r(&at, &tm) == NULL ||
			       strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0
		       ? NULL
		       : strdup(text);
}

/* --- Users */

/* Of the process, or of a namespace without one who created it, or the one that owns it. */
static bool find_uid(const struct row *row, uid_t *uid)
{
	const struct census_ns *user = row->ns->type->flag == CLONE_NEWUSER ? row->ns
									    : row->ns->owner;

	if (row->process != NULL) {
		*uid = row->process->uid;
		return row->process->detailed;
	}
	if (user == NULL || !user->has_owner_uid)
		return false;
	*uid = user->owner_uid;
	return true;
}

static char *text_uid(struct columns *columns, const struct row *row)
{
	uid_t uid;

	(void)columns;
	return find_uid(row, &uid) ? format("%u", uid) : NULL;
}

struct user {
	uid_t uid;
	char *name;
};

static int compare_users(const void *a, const void *b)
{
	const struct user *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static void free_user(void *user)
{
	free(((struct user *)user)->name);
	free(user);
}

/* Looked up once: that may be a question to a server. */
static const struct user *find_user(struct columns *columns, uid_t uid)
{
	struct user *user = malloc(sizeof(*user)), **found;
	const struct passwd *passwd;

	if (user == NULL)
		return NULL;
	*user = (struct user){ .uid = uid };
	found = tsearch(user, &columns->users, compare_users);
	if (found == NULL || *found != user) {
		free(user);
		return found != NULL ? *found : NULL;
	}
	passwd = getpwuid(uid);
	user->name = passwd != NULL ? strdup(passwd->pw_name) : format("%u", uid);
	return user;
}

static char *text_user(struct columns *columns, const struct row *row)
{
	uid_t uid;

	if (!find_uid(row, &uid))
		return NULL;
	if (columns->last_user == NULL || columns->last_user->uid != uid)
		columns->last_user = find_user(columns, uid);
	return columns->last_user != NULL && columns->last_user->name != NULL
		       ? strdup(columns->last_user->name)
		       : NULL;
}

/* --- Network namespaces and names */

/* rtnetlink(7), RTM_GETNSID: the ID by which the caller's network namespace knows another. */
static bool ask_netnsid(int netlink, int fd, int *id)
{
	struct {
		struct nlmsghdr header;
		struct rtgenmsg message __attribute__((aligned(NLMSG_ALIGNTO)));
		struct rtattr attribute __attribute__((aligned(NLMSG_ALIGNTO)));
		int value;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETNSID,
			    .nlmsg_flags = NLM_F_REQUEST },
		.message = { AF_UNSPEC },
		.attribute = { RTA_LENGTH(sizeof(int)), NETNSA_FD },
		.value = fd,
	}, answer;

	if (send(netlink, &request, sizeof(request), 0) < 0 ||
	    recv(netlink, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer) ||
	    answer.header.nlmsg_type != RTM_NEWNSID || answer.attribute.rta_type != NETNSA_NSID)
		return false;
	*id = answer.value;
	return true;
}

static char *text_netnsid(struct columns *columns, const struct row *row)
{
	autofd fd = -1;
	int id;

	if (row->ns->type->flag != CLONE_NEWNET || columns->netlink < 0)
		return NULL;
	fd = census_open_ns(columns->census, row->ns);
	if (fd < 0 || !ask_netnsid(columns->netlink, fd, &id))
		return NULL;
	return id == NETNSA_NSID_NOT_ASSIGNED ? strdup("unassigned") : format("%d", id);
}

/* As the others take it: CONTAINER_ID_LEAST digits. */
static char *text_container(struct columns *columns, const struct row *row)
{
	autofd dir = row->process != NULL ? census_open_process(columns->census, row->process) : -1;
	char id[CONTAINER_ID_DIGITS + 1];

	if (dir < 0 || !container_find_id(dir, id))
		return NULL;
	return format("container:%.*s", CONTAINER_ID_LEAST, id);
}

/* That of a pinned set, as ip-netns(8) has it unless a set comes first, or of a container. */
static char *text_name(struct columns *columns, const struct row *row)
{
	static const char netns[] = "/run/netns/";
	struct pinned set;

	if (row->ns->set != NULL)
		return strdup(row->ns->set);

	for (const struct census_holder *h = row->ns->holders; h != NULL; h = h->next)
		if (h->kind == CENSUS_BY_MOUNT && !h->elsewhere && !h->covered &&
		    strncmp(h->mount_point, netns, strlen(netns)) == 0)
			return strdup(pinned_find(h->mount_point + strlen(netns), &set)
					      ? h->mount_point
					      : h->mount_point + strlen(netns));
	return text_container(columns, row);
}

/* clang-format off */
const struct column column_table[COLUMN_COUNT] = {
	[COLUMN_NS] = { "NS", 10, SHOW_RIGHT | SHOW_NUMBER, 0, text_ns,
		"namespace identifier (inode number)" },
	[COLUMN_TYPE] = { "TYPE", 5, 0, 0, text_type,
		"kind of namespace" },
	[COLUMN_PATH] = { "PATH", 0, 0, 0, text_path,
		"path to the namespace" },
	[COLUMN_NPROCS] = { "NPROCS", 5, SHOW_RIGHT | SHOW_NUMBER, 0, text_nprocs,
		"number of processes in the namespace" },
	[COLUMN_PID] = { "PID", 5, SHOW_RIGHT | SHOW_NUMBER, 0, text_pid,
		"lowest PID in the namespace" },
	[COLUMN_PPID] = { "PPID", 5, SHOW_RIGHT | SHOW_NUMBER, 0, text_ppid,
		"PPID of the PID" },
	[COLUMN_COMMAND] = { "COMMAND", 0, SHOW_CUT, 0, text_command,
		"command line of the PID" },
	[COLUMN_UID] = { "UID", 0, SHOW_RIGHT | SHOW_NUMBER, CENSUS_RELATIONS, text_uid,
		"effective UID of the PID, or the owner's where there is no process" },
	[COLUMN_USER] = { "USER", 0, 0, CENSUS_RELATIONS, text_user,
		"name of the UID" },
	[COLUMN_NETNSID] = { "NETNSID", 0, SHOW_RIGHT, 0, text_netnsid,
		"namespace ID as used by the network subsystem" },
	[COLUMN_NSFS] = { "NSFS", 0, SHOW_LINES | SHOW_ESCAPED, CENSUS_MOUNTS, text_nsfs,
		"nsfs mount points in this mount namespace" },
	[COLUMN_PNS] = { "PNS", 10, SHOW_RIGHT | SHOW_NUMBER, CENSUS_RELATIONS, text_pns,
		"parent namespace identifier (inode number)" },
	[COLUMN_ONS] = { "ONS", 10, SHOW_RIGHT | SHOW_NUMBER, CENSUS_RELATIONS, text_ons,
		"owner namespace identifier (inode number)" },
	[COLUMN_NAME] = { "NAME", 0, 0, CENSUS_MOUNTS | CENSUS_SETS, text_name,
		"name of a pinned set, a network namespace (ip-netns(8)), or a container" },
	[COLUMN_WHY] = { "WHY", 0, 0, CENSUS_RELATIONS | CENSUS_MOUNTS, text_why,
		"what keeps it alive: process, mount, thread, children, fd, socket, namespace; dead" },
	[COLUMN_HOLDER] = { "HOLDER", 0, 0, CENSUS_MOUNTS, text_holder,
		"the first of these: a PID, a path, or the mount namespace it is mounted in" },
	[COLUMN_LEVEL] = { "LEVEL", 0, SHOW_RIGHT | SHOW_NUMBER, CENSUS_RELATIONS, text_level,
		"depth of a user or PID namespace, 0 the outermost that can be seen" },
	[COLUMN_UIDMAP] = { "UIDMAP", 0, 0, 0, text_uidmap,
		"user IDs of a user namespace, INNER:OUTER:COUNT" },
	[COLUMN_GIDMAP] = { "GIDMAP", 0, 0, 0, text_gidmap,
		"group IDs of a user namespace" },
	[COLUMN_NSPID] = { "NSPID", 0, SHOW_RIGHT | SHOW_NUMBER, 0, text_nspid,
		"the PID as its own PID namespace has it" },
	[COLUMN_START] = { "START", 0, 0, CENSUS_DETAILS, text_start,
		"when the oldest process in it was started" },
	[COLUMN_CGROUP] = { "CGROUP", 0, 0, 0, text_cgroup,
		"cgroup of the PID" },
	[COLUMN_NSID] = { "NSID", 0, SHOW_RIGHT | SHOW_NUMBER, CENSUS_IDS, text_nsid,
		"64-bit namespace ID, which is never used again (6.18)" },
};
/* clang-format on */

/* Not by tolower(3): in a Turkish locale that of 'I' is none of ASCII. */
static int ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

enum column_id column_find(const char *name, size_t length)
{
	size_t id = 0;

	for (; id < COLUMN_COUNT; id++) {
		const char *known = column_table[id].name;
		size_t i = 0;

		while (i < length && known[i] != '\0' && ascii_upper(name[i]) == known[i])
			i++;
		if (i == length && known[i] == '\0')
			break;
	}
	return (enum column_id)id;
}

/* The earliest start among the processes of each namespace. */
static void find_oldest(struct columns *columns)
{
	const struct census *census = columns->census;

	columns->oldest = malloc((census->namespaces + 1) * sizeof(*columns->oldest));
	for (size_t i = 0; columns->oldest != NULL && i < census->namespaces; i++)
		columns->oldest[i] = UINT64_MAX;
	for (size_t i = 0; columns->oldest != NULL && i < census->processes; i++) {
		const struct census_process *process = census->process[i];

		for (size_t t = 0; process->detailed && t < NSTYPE_COUNT; t++) {
			const struct census_ns *ns = process->ns[t];

			if (ns != NULL && process->start < columns->oldest[ns->position])
				columns->oldest[ns->position] = process->start;
		}
	}
}

void columns_start(struct columns *columns, const struct census *census, uint32_t wanted,
		   const struct show_options *show, char separator)
{
	*columns = (struct columns){
		.census = census, .show = show, .separator = separator, .netlink = -1
	};
	if ((wanted & 1u << COLUMN_NETNSID) != 0)
		columns->netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if ((wanted & 1u << COLUMN_START) != 0) {
		columns->boot_time = procfs_boot_time(census->proc);
		find_oldest(columns);
	}
}

void columns_end(struct columns *columns)
{
	close_fd(&columns->netlink);
	free(columns->oldest);
	tdestroy(columns->users, free_user);
}
