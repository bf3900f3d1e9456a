// Drops what the kernel's own caches can do without.
//
// effect: call
// when: slab-caches shows that names, inodes or other caches that the kernel can shrink fill the memory.
// does: What writing 2 to /proc/sys/vm/drop_caches does, where no such file may be written.
// risk: It may take a minute on a host with much memory, and disks are busy afterwards.
// undo: Nothing needs to be: the caches fill again.
drop_slab();
