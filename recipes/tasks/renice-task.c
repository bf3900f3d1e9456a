// Changes the nice value of a task.
//
// effect: call
// when: A process takes the CPUs from a service, and must not be ended.
// does: Gives the value that the task had before.
// risk: None that is known. Threads of a process have a value each.
// undo: Run the recipe again with the value that it gave.
// parameter PID: 1..4194304, the number of the task
// parameter NICE: -20..19, the value; higher ones get less of a CPU
parameter int PID in 1..4194304 = 4194304;
parameter int NICE in -20..19 = 10;
struct task_struct *task = find_task(PID);
int before = task->static_prio - 120;
set_user_nice(task, NICE);
before
