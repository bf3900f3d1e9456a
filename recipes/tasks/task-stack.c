// The stack of one task that sleeps.
//
// effect: read
// when: You know which task hangs, and want to know in what.
// does: The state of the task, and a row for each function that it is in, the innermost first.
// risk: A task that runs on a CPU has no stack that can be read.
// undo: Nothing was changed.
// parameter PID: 1..4194304, the number of the task
parameter int PID in 1..4194304 = 1;
struct task_struct *task = find_task(PID);
report(task->pid, task->comm, text_of("%c", task_state_to_char(task)));
stack(task);
