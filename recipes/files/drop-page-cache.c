// Drops the clean pages of one file system from memory.
//
// effect: call
// when: You would write 1 to /proc/sys/vm/drop_caches, but for one file system only.
// does: Drops every page of the file system's files that is not mapped, locked or waiting to be written.
// risk: The files are read from their disk again, which may be slow for minutes. A walk over millions of
//   files takes seconds.
// undo: Nothing needs to be: readers bring the pages back.
// parameter FILE_SYSTEM: the name of the file system, such as "vda1", "dm-0", "tmpfs"; at most 31 characters
parameter string FILE_SYSTEM in 1..31 = "tmpfs";
struct super_block *super = find_super_block(FILE_SYSTEM);
scoped_guard(rwsem_read, &super->s_umount) {
  require(super->s_root);
  drop_pagecache_sb(super, NULL);
}
