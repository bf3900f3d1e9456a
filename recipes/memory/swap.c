// Swap, and how much of it is used.
//
// effect: read
// when: A host swaps, or swapoff does not end.
// does: A row with all pages of swap and the free ones, then a row for each device or file: its path,
//   priority, pages and used pages.
// risk: None that is known.
// undo: Nothing was changed.
extern struct swap_info_struct *swap_info[24];
extern unsigned int nr_swapfiles;
extern long total_swap_pages;
extern atomic_long_t nr_swap_pages;
report("all", total_swap_pages, atomic_long_read(&nr_swap_pages));
for (unsigned each = 0; each < nr_swapfiles; each++)
  if (swap_info[each]->swap_file)
    report(file_text(swap_info[each]->swap_file), swap_info[each]->prio, swap_info[each]->pages,
#if __has_member(struct swap_info_struct, inuse_pages.counter)
           (unsigned long)swap_info[each]->inuse_pages.counter & ((1UL << 30) - 1));
#else
           (unsigned long)swap_info[each]->inuse_pages);
#endif
