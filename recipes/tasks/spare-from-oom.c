// Says how soon a process is ended when memory runs out.
//
// effect: write
// when: Memory is about to run out, and a process must or must not be the one that goes.
// does: Writes the score of the process, and gives the one that it had before.
// risk: With -1000 the kernel never ends the process; if nothing else is left to end, the kernel panics.
// undo: Run the recipe again with the score that it gave. A restart of the process sets it back too.
// parameter PID: 1..4194304, the number of the process
// parameter SCORE: -1000..1000, lower ones are spared longer
parameter int PID in 1..4194304 = 4194304;
parameter int SCORE in -1000..1000 = -500;
struct task_struct *task = find_task(PID);
xchg(&task->signal->oom_score_adj, (short)SCORE)
