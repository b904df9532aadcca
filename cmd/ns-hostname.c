/*
 * ns-hostname - read or set the host name of a UTS namespace
 *
 * SPDX-License-Identifier: MIT
 *
 * Order, and why:
 *
 *  1. Options are recorded; the name is checked, the target held, before anything is
 *     changed.
 *  2. With a target its UTS namespace is joined, and the user namespace that gives the
 *     right to it: by this process alone, which ends after it.
 *  3. The initial UTS namespace is told by its inode, where we are by then: setting the
 *     name there needs --force.
 *  4. The name is set by sethostname(2): /proc/sys/kernel/hostname cuts a long one off.
 *  5. exec, if there is a command.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "caps.h"
#include "cleanup.h"
#include "command.h"
#include "exitcode.h"
#include "file.h"
#include "join.h"
#include "kernel.h"
#include "message.h"
#include "nsref.h"
#include "nsrefopen.h"
#include "opts.h"
#include "trace.h"
#include "uts.h"

/* What the user asked for. */
struct request {
	const char *target, *file;
	bool domain, force;
	struct opts_request what;
};

#define FIELD(member) .field = offsetof(struct request, member)

/* clang-format off */
static const struct opt table[] = {
	{ .kind = OPT_GROUP, .help = "Which name" },
	{ .kind = OPT_TEXT, .letter = 't', .name = "target", .arg = "NSREF", FIELD(target),
	  .help = "that of this process's or UTS namespace, in place of one's own" },
	{ .kind = OPT_FLAG, .name = "domain", .ours = true, FIELD(domain),
	  .help = "the NIS domain name, in place of the host name" },

	{ .kind = OPT_GROUP, .help = "Setting it" },
	{ .kind = OPT_TEXT, .name = "file", .arg = "FILE", .ours = true, FIELD(file),
	  .help = "to the first line of FILE that is no comment" },
	{ .kind = OPT_FLAG, .name = "force", .ours = true, FIELD(force),
	  .help = "even if it is that of the whole machine" },

	{ .kind = OPT_TABLE, .table = opts_narration, FIELD(what) },
	{ .kind = OPT_END },
};
/* clang-format on */

static const struct opts opts = {
	.operands = "[NAME [COMMAND [ARGUMENT...]]]",
	.summary = "Print the host name of a UTS namespace, or set it and run COMMAND.",
	.table = table,
};

/* What main() passes down. */
struct job {
	struct request req;
	const struct uts_name *name;
	char *const *command; /* or NULL in [0] */
	const char *text;     /* to be set, or NULL */
	char line[4096];      /* of --file */
	struct nsref ref;
	struct join join;
};

/*
 * The first line that has something but a comment; its text is in *line then.  The last
 * one counts only if it ends there, so that no name is cut off.
 */
static int find_line(char *text, bool is_whole, const char **line)
{
	for (char *l = text, *end; *l != '\0'; l = end) {
		size_t length = strcspn(l, "\n"), trimmed = length;

		if (l[length] == '\0' && !is_whole)
			return -1;
		end = l + length + (l[length] == '\n');
		while (trimmed > 0 && strchr(" \t\r", l[trimmed - 1]) != NULL)
			trimmed--;
		l[trimmed] = '\0';
		l += strspn(l, " \t");
		if (*l != '\0' && *l != '#') {
			*line = l;
			return 0;
		}
	}
	return -1;
}

/* A FIFO does not make us wait, and no more than the first bytes are read. */
static int read_file(struct job *job, struct failure *f)
{
	const char *file = job->req.file;
	autofd fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0)
		return failure_errno(f, "read", file);
	if (!S_ISREG(st.st_mode))
		return failure_reason(f, "read", file, "it is not a regular file");
	n = read(fd, job->line, sizeof(job->line) - 1);
	if (n < 0)
		return failure_errno(f, "read", file);
	job->line[n] = '\0';
	if (memchr(job->line, '\0', (size_t)n) != NULL)
		return failure_reason(f, "read", file, "it is not a text file");
	if (find_line(job->line, (size_t)n < sizeof(job->line) - 1, &job->text) == 0)
		return 0;
	return failure_reason(f, "read", file, "no name is in its first %zu bytes",
			      sizeof(job->line) - 1);
}

/* Who has no privilege here needs that of the owner, if that is another user namespace. */
static int take_process(struct join *join, struct failure *f)
{
	const struct nstype *uts = nstype_by_flag(CLONE_NEWUTS);
	const struct nstype *user = nstype_by_flag(CLONE_NEWUSER);
	int shared = join_shares(join, uts, uts->link, f);

	if (shared != 0)
		return shared < 0 ? -1 : 0;
	join->by_pidfd = CLONE_NEWUTS;
	if (caps_have(CAP_SYS_ADMIN))
		return 0;
	shared = join_shares(join, user, user->link, f);
	if (shared == 0)
		join->by_pidfd |= CLONE_NEWUSER;
	return shared < 0 ? -1 : target_check(&join->target, f);
}

static int open_target(struct job *job, struct failure *f)
{
	struct join *join = &job->join;
	int fd;

	if (job->req.target == NULL)
		return 0;
	if (nsref_parse(job->req.target, &job->ref, f) != 0 ||
	    nsref_open(&job->ref, &join->target, &fd, f) != 0)
		return -1;
	if (fd < 0)
		return take_process(join, f);
	if (join_add_fd(join, nstype_by_flag(CLONE_NEWUTS), fd, job->req.target, f) != 0)
		return -1;
	return join_add_owner(join, f);
}

static int refuse_command(const struct job *job, struct failure *f)
{
	if (job->req.target == NULL || job->command[0] == NULL)
		return 0;
	failure_option(f, "--target", "takes no command");
	failure_hint(f, "the command would run out here; write 'ns-enter %s ns-hostname %s %s'",
		     job->req.target, job->text, job->command[0]);
	return -1;
}

static int prepare(struct job *job, char *operand[], struct failure *f)
{
	job->name = job->req.domain ? &uts_domain : &uts_host;
	job->command = operand;
	if (job->req.file != NULL) {
		if (read_file(job, f) != 0)
			return -1;
	} else if (operand[0] != NULL) {
		job->text = operand[0];
		job->command++;
	}
	if (job->text != NULL && uts_check(job->name, NULL, job->text, f) != 0)
		return -1;
	return refuse_command(job, f) == 0 && open_target(job, f) == 0 ? 0 : -1;
}

/*
 * The UTS namespace whose name would be set, as the kernel has it: what a tmpfs at /proc
 * has at that place says nothing.  A descriptor, or -1 with errno.
 */
static int open_uts(const struct job *job)
{
	const struct nstype *uts = nstype_by_flag(CLONE_NEWUTS);
	int given = job->join.fd[uts - nstypes];
	autofd pidfd = (int)syscall(KERNEL_SYS_pidfd_open, getpid(), 0), fd = -1;

	if (trace_is_dry_run() && given >= 0)
		return fcntl(given, F_DUPFD_CLOEXEC, 0);
	if (trace_is_dry_run() && (job->join.by_pidfd & CLONE_NEWUTS) != 0)
		return openat(job->join.target.proc, uts->link, O_RDONLY | O_CLOEXEC);
	if (pidfd >= 0)
		fd = ioctl(pidfd, uts->pidfd_get, 0);
	if (fd < 0)
		fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || ioctl(fd, KERNEL_NS_GET_NSTYPE) == CLONE_NEWUTS)
		return take_fd(&fd);
	errno = EINVAL;
	return -1;
}

/* By the inode, which is fixed, and nothing else. */
static int refuse_machine(const struct job *job, struct failure *f)
{
	autofd uts = -1;
	struct stat st;

	if (job->req.force)
		return 0;
	uts = open_uts(job);
	if (uts < 0 || fstat(uts, &st) != 0)
		return failure_errno(f, "look at the UTS namespace", NULL);
	if (st.st_ino != nstype_by_flag(CLONE_NEWUTS)->initial)
		return 0;
	failure_reason(f, job->name->verb, job->text, "this would rename the whole machine");
	if (caps_have(CAP_SYS_ADMIN))
		failure_hint(f, "this is the initial UTS namespace; run it under 'ns-unshare -u', "
				"or add --force");
	else
		failure_hint(f,
			     "this is the initial UTS namespace; run it under 'ns-unshare -r -u'");
	return -1;
}

/* Being root here is not being root where the UTS namespace belongs: true, and explained. */
static bool lacks_right(struct failure *f)
{
	autofd own = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	autofd owner = own < 0 ? -1 : ioctl(own, KERNEL_NS_GET_USERNS);
	struct stat st;

	if (own >= 0 && owner < 0 && errno == EPERM)
		failure_hint(f, "this UTS namespace belongs to a user namespace around yours, in "
				"which you are not root; make one of your own by 'ns-unshare -u'");
	else if (owner >= 0 && fstat(owner, &st) == 0 && !caps_have(CAP_SYS_ADMIN))
		failure_hint(f,
			     "this UTS namespace belongs to user:[%ju], in which you lack "
			     "CAP_SYS_ADMIN; make one of your own by 'ns-unshare -r -u'",
			     (uintmax_t)st.st_ino);
	else
		return false;
	return true;
}

/* A dry run is not refused by the kernel, and with a target it is not there yet. */
static int set_name(const struct job *job, struct failure *f)
{
	if (refuse_machine(job, f) != 0)
		return -1;
	if (trace_is_dry_run() && job->req.target == NULL) {
		errno = EPERM;
		failure_errno(f, job->name->verb, job->text);
		if (lacks_right(f))
			return -1;
	}
	if (uts_set(job->name, job->text, f) == 0)
		return 0;
	if (f->error == EPERM)
		lacks_right(f);
	return -1;
}

/* Whatever bytes it has: to a terminal none that could steer it. */
static int print_name(const struct job *job, struct failure *f)
{
	char shown[4 * KERNEL_HOSTNAME_BYTES + 8];
	struct utsname names;
	const char *text;

	if (trace_is_dry_run() && job->req.target != NULL)
		return 0; /* it is that of another namespace, which is not joined */
	if (file_was_closed(STDOUT_FILENO)) {
		errno = EBADF;
		return failure_errno(f, "write", "standard output");
	}
	if (uname(&names) != 0)
		return failure_errno(f, "read the host name", NULL);
	text = job->req.domain ? names.domainname : names.nodename;
	message_escape(text, shown, sizeof(shown));
	puts(isatty(STDOUT_FILENO) ? shown : text);
	opts_finish_output();
	return 0;
}

static int act(const struct job *job, struct failure *f)
{
	struct command command;

	if (join_flags(&job->join) != 0 && join_namespaces(&job->join, f) != 0)
		return -1;
	if (job->text == NULL)
		return print_name(job, f);
	if (set_name(job, f) != 0)
		return -1;
	if (job->command[0] == NULL)
		return 0;
	if (command_find(&command, job->command, NULL, -1, f) != 0)
		return -1;
	return command_exec(&command, f);
}

int main(int argc, char *argv[])
{
	struct job job = { 0 };
	struct failure f;
	int operand;

	file_fill_standard();
	operand = opts_parse(&opts, argc, argv, &job.req);
	trace_start(job.req.what.verbose, job.req.what.dry_run);
	join_init(&job.join);
	if (prepare(&job, &argv[operand], &f) != 0 || act(&job, &f) != 0)
		return message_failure(&f);
	return EXIT_SUCCESS;
}
