// Drops the pages of one file from memory.
//
// effect: call
// when: A bug let somebody change a file's pages in memory and not on its disk, or one file fills the cache.
// does: A row with the pages before, those that were dropped and those that are left. Pages that are mapped,
//   locked or not yet written stay, and so may the last ones that were read.
// risk: The file is read from its disk again.
// undo: Nothing needs to be: the next reader brings the pages back.
// parameter FILE: the path of the file from the root, at most 4095 characters
parameter string FILE in 1..4095 = "/etc/hostname";
struct file *file = filp_open(FILE, 0, 0);
require(!IS_ERR(file));
unsigned long before = file->f_mapping->nrpages;
unsigned long dropped = invalidate_mapping_pages(file->f_mapping, 0, ~0UL);
report(before, dropped, file->f_mapping->nrpages);
filp_close(file, NULL);
