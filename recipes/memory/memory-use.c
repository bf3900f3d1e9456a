// What the memory of a host is used for.
//
// effect: read
// when: Memory is short, and free does not say why.
// does: Rows with a name and a number of pages: free, of files, of processes, to be written, being written,
//   locked, and reserved for programs.
// risk: CPUs keep parts of these figures to themselves, so each is off by some hundred pages.
// undo: Nothing was changed.
extern struct percpu_counter vm_committed_as;
report("free", global_zone_page_state(NR_FREE_PAGES));
report("files", global_node_page_state(NR_FILE_PAGES));
report("processes", global_node_page_state(NR_ANON_MAPPED));
report("dirty", global_node_page_state(NR_FILE_DIRTY));
report("writeback", global_node_page_state(NR_WRITEBACK));
report("locked", global_zone_page_state(NR_MLOCK));
report("committed", percpu_counter_sum_positive(&vm_committed_as));
