// File systems that are frozen.
//
// effect: read
// when: Every write to a file system hangs, often after a backup that took a snapshot.
// does: A row for each one with its name, its type and how far it is frozen; 4 is completely.
// risk: None that is known.
// undo: Nothing was changed. The recipe thaw thaws.
struct super_block *super;
for_each_super_block (super)
  if (sb_frozen(super)) report(super->s_id, super->s_type->name, sb_frozen(super));
