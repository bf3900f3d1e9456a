/*
 * Loads the module in a file again and again, and prints what each finit_module took, in nanoseconds: what the kernel
 * itself takes for it, with no program of ours around.
 *
 *   bare-load FILE RUNS
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return perror("bare-load FILE RUNS"), 2;
	for (int run = 0; run < atoi(argv[2]); run++) {
		long long before = now_ns();
		/* init returns -EINPROGRESS, so that the kernel throws the module away again. */
		if (syscall(SYS_finit_module, fd, "", 0) != -1 || errno != EINPROGRESS)
			return perror("finit_module"), 1;
		printf("%lld\n", now_ns() - before);
		usleep(50000);
	}
	return 0;
}
