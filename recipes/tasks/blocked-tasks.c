// The stacks of tasks that no signal can wake.
//
// effect: read
// when: The load is high and nothing runs, or processes stand in the state D.
// does: A row for each task in the state D with its number and name, and then a row for each function that it
//   is in, the innermost first.
// risk: A task may be woken while its stack is read. Its frames then make no sense; ask again.
// undo: Nothing was changed.
for_each_task (t)
  if (task_is_blocked(t)) {
    report(t->pid, t->comm);
    stack(t);
  }
