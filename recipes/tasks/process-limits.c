// The limits of a process, and where it is in them.
//
// effect: read
// when: A process says that it has too many open files, or that it cannot start a thread.
// does: A row for each limit with its number (RLIMIT_CPU is 0, RLIMIT_NOFILE 7), the limit as it is and the
//   most that it may be set to. The last row has the number of threads.
// risk: None that is known.
// undo: Nothing was changed.
// parameter PID: 1..4194304, the number of the process
parameter int PID in 1..4194304 = 1;
struct task_struct *task = find_task(PID);
for (unsigned number = 0; number < 16; number++)
  report(number, task_rlimit(task, number), task_rlimit_max(task, number));
report("threads", get_nr_threads(task));
