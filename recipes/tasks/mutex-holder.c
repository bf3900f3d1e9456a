// Who holds a mutex of the kernel, and who waits for it.
//
// effect: read
// when: Several tasks are blocked in mutex_lock, and blocked-tasks shows which mutex they want.
// does: A row "held" with the number and name of the holder where there is one, and a row "waits" for each
//   task that waits.
// risk: A mutex that changes hands meanwhile may show a holder that has gone.
// undo: Nothing was changed.
// parameter MUTEX: a mutex of the kernel; put the names of others into the list
parameter symbol MUTEX in rtnl_mutex = rtnl_mutex;
struct mutex *mutex = MUTEX;
struct task_struct *owner = mutex_owner(mutex);
if (owner) report("held", owner->pid, owner->comm);
struct mutex_waiter *waiter;
for_each_mutex_waiter (waiter, mutex) report("waits", waiter->task->pid, waiter->task->comm);
