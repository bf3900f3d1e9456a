// Lets nobody make a new io_uring.
//
// effect: write
// when: io_uring has a hole.
// does: Sets what /proc/sys/kernel/io_uring_disabled shows to 2, and gives the value before. Kernels before
//   6.6 have no such switch; there the outcome is skipped.
// risk: Programs that have an io_uring keep it. Databases and web servers that need one do not start.
// undo: Write the value that it gave to /proc/sys/kernel/io_uring_disabled.
#if __has_symbol(sysctl_io_uring_disabled)
extern int sysctl_io_uring_disabled;
xchg(&sysctl_io_uring_disabled, 2)
#else
require(0);
#endif
