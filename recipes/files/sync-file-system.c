// Writes one file system to its disk.
//
// effect: call
// when: sync hangs because another file system does not answer.
// does: Writes what is in memory only, and gives 0 or a negative errno.
// risk: It waits for the disk. If the disk does not answer, the program hangs as sync does.
// undo: Nothing needs to be.
// parameter FILE_SYSTEM: the name of the file system, such as "vda1", "dm-0"; at most 31 characters
parameter string FILE_SYSTEM in 1..31 = "vda1";
struct super_block *super = find_super_block(FILE_SYSTEM);
int result = 0;
scoped_guard(rwsem_read, &super->s_umount) {
  require(super->s_root);
  result = sync_filesystem(super);
}
result
