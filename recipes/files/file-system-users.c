// Why a file system cannot be unmounted.
//
// effect: read
// when: umount says that the target is busy, and fuser or lsof hang or find nobody.
// does: A row for each process that pins the file system: its number and name, and one reason, "cwd", "root",
//   "exe", "fd" or "map".
// risk: The kernel itself may keep a file system too: a loop device, swap, an export over NFS, another mount.
// undo: Nothing was changed.
// parameter FILE_SYSTEM: the name of the file system, such as "vda1", "dm-0", "tmpfs"; at most 31 characters
parameter string FILE_SYSTEM in 1..31 = "tmpfs";
struct super_block *super = find_super_block(FILE_SYSTEM);
for_each_process (t) {
  const char *reason = task_pins_super(t, super);
  if (reason) report(t->pid, t->comm, reason);
}
