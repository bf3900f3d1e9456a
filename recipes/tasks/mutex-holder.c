// Who holds a mutex of the kernel, and who waits for it.
//
// effect: read
// when: Several tasks are blocked in mutex_lock, and blocked-tasks shows which mutex they want.
// does: A row "held" with the number and name of the holder where there is one, and a row "waits" for each
//   task that waits.
// risk: A mutex that changes hands meanwhile may show a holder that has gone.
// undo: Nothing was changed.
// parameter MUTEX: a mutex of the kernel by its name, such as rtnl_mutex, cgroup_mutex, module_mutex
#define MUTEX rtnl_mutex
extern struct mutex MUTEX;
struct task_struct *owner = mutex_owner(&MUTEX);
if (owner) report("held", owner->pid, owner->comm);
struct mutex_waiter *waiter;
for_each_mutex_waiter (waiter, &MUTEX) report("waits", waiter->task->pid, waiter->task->comm);
