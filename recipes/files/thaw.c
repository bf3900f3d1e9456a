// Thaws a file system that was left frozen.
//
// effect: call
// when: frozen-file-systems shows a file system, and the backup that froze it is gone.
// does: Thaws it if it is frozen completely, and gives 0.
// risk: A backup that is still at work then has a copy that does not fit together.
// undo: fsfreeze --freeze freezes it again.
// parameter FILE_SYSTEM: the name of the file system, such as "vda1", "dm-0"; at most 31 characters
parameter string FILE_SYSTEM in 1..31 = "vda1";
struct super_block *super = find_super_block(FILE_SYSTEM);
require(sb_frozen(super) == 4);
#if __has_parameters(thaw_super, 1)
thaw_super(super)
#elif __has_parameters(thaw_super, 2)
thaw_super(super, FREEZE_HOLDER_USERSPACE)
#else
thaw_super(super, FREEZE_HOLDER_USERSPACE, NULL)
#endif
