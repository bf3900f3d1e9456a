// Wakes a task whose wake-up was lost.
//
// effect: call
// when: blocked-tasks shows a task that waits for something that has long happened.
// does: Wakes the task if it is blocked, and gives 1; 0 where it woke meanwhile. The kernel's own code looks
//   again at what it waits for, and goes back to sleep if that is not so.
// risk: Code that does not look again goes on as if it had what it waited for. Read the stack first.
// undo: A task cannot be put back to sleep.
// parameter PID: 1..4194304, the number of the task
parameter int PID in 1..4194304 = 4194304;
struct task_struct *task = find_task(PID);
require(task_is_blocked(task));
wake_up_process(task)
