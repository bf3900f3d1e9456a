// Every task with its state.
//
// effect: read
// when: You want what ps shows, from a host on which ps hangs because it reads the command lines of
//   processes.
// does: A row for each task: its number, that of its process, that of the parent, the state, the CPU, the
//   memory in KiB and the name.
// risk: The list is long on hosts with many tasks. The host cuts it, and says how many rows are missing.
// undo: Nothing was changed.
for_each_task (t)
  report(t->pid, t->tgid, task_ppid_nr(t), text_of("%c", task_state_to_char(t)), task_cpu(t),
         t->mm ? get_mm_rss(t->mm) * PAGE_SIZE / 1024 : 0, t->comm);
