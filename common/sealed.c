/*
 * sealed.c - the tool's own program, kept out of reach of those it goes to
 *
 * SPDX-License-Identifier: MIT
 */
#include "sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel.h"

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

bool sealed_is(void)
{
	autofd own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int seals = own < 0 ? -1 : fcntl(own, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS;
}

static int copy_all(int from, int to)
{
	ssize_t n;

	do
		n = sendfile(to, from, NULL, 1 << 20);
	while (n > 0 || (n < 0 && errno == EINTR));
	return (int)n;
}

int sealed_run(char *argv[], struct failure *f)
{
	autofd own = -1, copy = -1;

	if (sealed_is())
		return 0;
	own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	/* Where vm.memfd_noexec says so, it must be asked for to be executable (6.3). */
	copy = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING | KERNEL_MFD_EXEC);
	if (copy < 0 && errno == EINVAL)
		copy = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (own >= 0 && copy >= 0 && copy_all(own, copy) == 0 &&
	    fcntl(copy, F_ADD_SEALS, SEALS) == 0)
		fexecve(copy, argv, environ);
	return failure_errno(f, "run from a sealed copy", NULL);
}
