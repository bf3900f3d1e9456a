// Drops names of a directory from the cache that nobody uses.
//
// effect: call
// when: names-without-files shows many names in a directory that no file has.
// does: Drops the names below the directory that nobody uses, if at least so many of them have no file, and
//   gives how many names are left. Where there are fewer, the outcome is skipped.
// risk: On a directory with millions of names it takes seconds.
// undo: Nothing needs to be: names come back when somebody looks them up.
// parameter DIRECTORY: the path of a directory from the root, without links, at most 4095 characters
// parameter LEAST_NAMES: 1..100000000, with fewer names without a file nothing is done
parameter string DIRECTORY in 1..4095 = "/tmp";
parameter int LEAST_NAMES in 1..100000000 = 10000;
struct path at = find_path(DIRECTORY);
struct dentry *name;
unsigned long without = 0, left = 0;
for_each_dentry_child (name, at.dentry) if (d_is_negative(name)) without++;
require(without >= LEAST_NAMES);
shrink_dcache_parent(at.dentry);
for_each_dentry_child (name, at.dentry) left++;
left
