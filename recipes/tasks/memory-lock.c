// Processes of which somebody waits for the lock of their memory.
//
// effect: read
// when: ps, top or monitoring hang at one process: they wait for the lock of its memory.
// does: A row for each such process: its number and name, the number of readers, the task that holds the lock
//   for writing or took it last for reading (0 where nobody is known), and the first task that waits.
// risk: The holder may have ended; then its row has the memory of another task, or the program is faulted.
// undo: Nothing was changed.
for_each_process (t) {
  if (!t->mm) continue;
  struct rwsem_waiter *waiter;
  for_each_rwsem_waiter (waiter, &t->mm->mmap_lock) {
    struct task_struct *owner = rwsem_owner(&t->mm->mmap_lock);
    report(t->pid, t->comm, rwsem_readers(&t->mm->mmap_lock), owner ? owner->pid : 0, waiter->task->pid);
    break;
  }
}
