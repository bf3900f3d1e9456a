// The signals that wait for a process, and what it does at each.
//
// effect: read
// when: A process does not end though it was told to.
// does: A row with the signals that wait and those that are kept back, as masks in which SIGHUP is bit 0.
//   Then a row for each signal that does not do the usual: the number, and 1 where it is ignored, else the
//   address of the handler.
// risk: None that is known.
// undo: Nothing was changed.
// parameter PID: 1..4194304, the number of the process
parameter int PID in 1..4194304 = 1;
struct task_struct *task = find_task(PID);
report("masks", task_pending_signals(task), task_blocked_signals(task));
for (int number = 1; number <= 64; number++)
  if (task_signal_handler(task, number)) report(number, task_signal_handler(task, number));
