// Sends a signal to a process, if it is still the one that you mean.
//
// effect: call
// when: kill is not there, or is not allowed to, or the process must be sent the signal on many hosts at
//   once.
// does: Sends the signal if the process has that name, and gives 0. Where it has another name it does
//   nothing, and the outcome is skipped: the number belongs to another process by now.
// risk: SIGKILL (9) loses what the process has not written.
// undo: A signal cannot be taken back.
// parameter PID: 2..4194304, the number of the process
// parameter NAME: the name of the process as ps shows it, at most 15 characters
// parameter SIGNAL: 1..64, the number of the signal
parameter int PID in 2..4194304 = 4194304;
parameter string NAME in 1..15 = "sleep";
parameter int SIGNAL in 1..64 = 15;
struct task_struct *task = find_task(PID);
require(!strcmp(task->comm, NAME));
send_sig(SIGNAL, task, 1)
