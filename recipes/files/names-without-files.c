// How many names in a directory's cache have no file.
//
// effect: read
// when: Listing a directory or looking a name up in it takes long, or dentry is the largest slab cache.
// does: A row with the names in the cache, and those of them that no file has.
// risk: A directory with millions of names may need more fuel than the program has.
// undo: Nothing was changed. The recipe drop-names drops names that nobody uses.
// parameter DIRECTORY: the path of a directory from the root, without links, at most 4095 characters
parameter string DIRECTORY in 1..4095 = "/tmp";
struct path at = find_path(DIRECTORY);
struct dentry *name;
unsigned long all = 0, without = 0;
for_each_dentry_child (name, at.dentry) {
  all++;
  if (d_is_negative(name)) without++;
}
report(all, without);
