/*
 * census.h - the model of every namespace and process that can be found
 *
 * SPDX-License-Identifier: MIT
 * layer 5
 *
 * censusscan fills it, with the help of censusmounts.  Nothing here prints; what the
 * model could not see is in its counts.
 */
#ifndef CENSUS_H
#define CENSUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "nstype.h"

/* What a scan reads beside the namespaces that processes are in. */
enum census_needs {
	CENSUS_DETAILS = 1 << 0,   /* parent, user and start of every process */
	CENSUS_RELATIONS = 1 << 1, /* owners and parents, those without a process too (4.9) */
	CENSUS_MOUNTS = 1 << 2,    /* namespaces mounted in each mount namespace */
	CENSUS_THREADS = 1 << 3,   /* those of threads, and *_for_children */
	CENSUS_FDS = 1 << 4,       /* those held by open descriptors and sockets */
	CENSUS_CHEAP = 1 << 5,     /* the last two while there are few processes */
	CENSUS_KERNEL = 1 << 6,    /* what the kernel itself lists: NS_MNT_GET_NEXT, listns(2) */
	CENSUS_IDS = 1 << 7,       /* NS_GET_ID (6.18) */
	CENSUS_SETS = 1 << 8,      /* the pinned sets that namespaces belong to */
};

/* Up to so many processes CENSUS_CHEAP looks at threads and descriptors, some 25 ms. */
enum { CENSUS_FEW = 500 };

struct census_process {
	size_t position; /* in census.process */
	pid_t pid;
	bool denied;   /* something of it could not be read */
	bool detailed; /* the rest is known; of the first process of a namespace it is */
	char state;    /* as in /proc/PID/stat */
	pid_t ppid;
	uid_t uid;      /* effective */
	uint64_t start; /* clock ticks after boot */
	/* In nstypes[]'s order; NULL: not asked for, or could not be read. */
	struct census_ns *ns[NSTYPE_COUNT];
};

enum census_kind {
	CENSUS_BY_MOUNT,    /* where it is mounted */
	CENSUS_BY_THREAD,   /* /proc/PID/task/TID/ns/TYPE */
	CENSUS_BY_CHILDREN, /* /proc/PID/ns/TYPE_for_children */
	CENSUS_BY_FD,       /* /proc/PID/fd/N */
	CENSUS_BY_SOCKET,   /* /proc/PID/fd/N, of a socket: SIOCGSKNS tells the namespace */
};

/* What keeps a namespace alive beside the processes in it. */
struct census_holder {
	enum census_kind kind;
	bool elsewhere; /* a mount in another mount namespace than the caller's */
	pid_t pid;
	ino_t mnt;               /* the mount namespace of a mount */
	char *reference;         /* a path that leads there, or the mount namespace */
	const char *mount_point; /* of a mount, as its mount namespace has it; else NULL */
	bool covered;            /* another mount is on top: the mount point leads elsewhere */
	struct census_holder *next;
};

struct census_ns {
	const struct nstype *type;
	ino_t inode;
	uint64_t id;     /* NS_GET_ID; 0: not read */
	size_t position; /* in census.ns */
	size_t processes;
	struct census_process *first; /* the one with the lowest PID, or NULL */
	struct census_holder *holders, *last_holder;
	ino_t mounted_in; /* the mount namespace of its first mount, or 0 */
	bool saw_mounts;  /* a mount namespace: those in it were read */
	/* CENSUS_RELATIONS; NULL also where the caller may not know, or there is none. */
	struct census_ns *owner, *parent;
	size_t children; /* namespaces whose owner or parent it is */
	bool has_owner_uid;
	uid_t owner_uid; /* of a user namespace: who created it */
	bool dead;       /* a PID namespace without init: nothing can be created in it */
	bool related;    /* its owner and parent were asked for */
	const char *set; /* the oldest pinned set that has it beside the caller, or NULL */
	int fd;          /* open on it, or -1; the census owns it */
	struct census_ns *chain;
};

struct census {
	int proc; /* /proc */
	struct census_process **process;
	size_t processes; /* in the order of their PIDs */
	struct census_ns **ns;
	size_t namespaces;   /* in the order of their inodes */
	struct pinned *sets; /* by CENSUS_SETS */
	size_t unreadable;   /* processes of which something could not be read */
	bool own_proc;       /* /proc is that of the caller's PID namespace */
	pid_t self;          /* the caller, as /proc numbers it; 0: it is not there */
	bool saw_threads, saw_fds;
	size_t unseen_mounts; /* mount namespaces whose mounts could not be read */
	bool no_descriptors;  /* RLIMIT_NOFILE was in the way */
	bool no_relations;    /* the kernel does not tell owners and parents */

	int flags; /* types asked for, CLONE_NEW* */
	int needs;
	bool by_pidfd, no_memory;
	size_t held, may_hold; /* descriptors kept open */
	struct rlimit limit;   /* RLIMIT_NOFILE as it was */
	struct census_ns **bucket;
	size_t buckets;
};

void census_free(struct census *census);

/* The process with this PID, as /proc numbers it, or NULL. */
struct census_process *census_find_process(const struct census *census, pid_t pid);

/* The namespace; type may be NULL.  Or NULL. */
struct census_ns *census_find_ns(const struct census *census, const struct nstype *type,
				 ino_t inode);

/*
 * Opens /proc/PID of a process with details, if that still is the same process; the
 * caller owns the descriptor.  -1 with ESRCH if it has ended.
 */
int census_open_process(const struct census *census, const struct census_process *process);

/*
 * The namespace that fd is open on, which is added if the scan did not find it.
 *  Takes fd over.  NULL with errno if that is no namespace.
 */
struct census_ns *census_add_fd(struct census *census, int fd);

/*
 * For a scan.  The process, the namespace, or the one that *fd is open on, added if it is
 * new; type may be NULL for the last.  A new namespace keeps *fd, which then is -1, while there is
 * room.  NULL: no namespace, or no memory, which ends the scan.
 */
struct census_process *census_add_process(struct census *census, pid_t pid);
struct census_ns *census_add_ns(struct census *census, const struct nstype *type, ino_t inode);
struct census_ns *census_add_open_ns(struct census *census, const struct nstype *type, int *fd);

/* Adds what keeps ns alive, unless that is NULL.  false: NULL, or no memory, as above. */
bool census_add_holder(struct census *census, struct census_ns *ns, enum census_kind kind,
		       pid_t pid, ino_t mnt, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/*
 * Finds out which namespaces belong to which pinned set: those that differ from the
 * caller's own, as who enters the set joins no others.
 */
void census_read_sets(struct census *census);

/* Brings the namespaces into their order once all are there. */
void census_sort_ns(struct census *census);

/*
 * Opens the network namespace of a socket, descriptor `number` of process pid (pidfd_getfd(2),
 * 5.6, and SIOCGSKNS, 4.9); -1 with errno.
 */
int census_open_socket_ns(pid_t pid, int number);

/* Opens a namespace by whatever holds it; the caller owns the descriptor.  -1 with errno. */
int census_open_ns(const struct census *census, const struct census_ns *ns);

/* Opens the namespace with this 64-bit ID (6.18); -1 with errno. */
int census_open_ns_by_id(unsigned long long id);

/* Is a user or PID namespace, or NULL, this one or one below it (CENSUS_RELATIONS)? */
bool census_is_below(const struct census_ns *ns, const struct census_ns *top);

/* The depth of a user or PID namespace below the outermost that the caller knows. */
size_t census_level(const struct census_ns *ns);

#endif
