// Work of the kernel that waits, and what workers do.
//
// effect: read
// when: Something that the kernel does later does not happen, or kworker uses a whole CPU.
// does: A row "runs" for each worker with work: its number and function. A row "waits" for each piece of work
//   in line: the queue that was looked at and its function.
// risk: Work moves on meanwhile. A piece of work may be there twice, since queues share their pools.
// undo: Nothing was changed.
extern struct idr worker_pool_idr;
struct worker_pool *pool;
struct worker *worker;
int number;
idr_for_each_entry (&worker_pool_idr, pool, number)
  for_each_worker (worker, pool)
    if (worker->current_func) report("runs", worker->task->pid, symbol_name((void *)worker->current_func));
struct workqueue_struct *queue;
struct pool_workqueue *part;
struct work_struct *work;
for_each_workqueue (queue)
  for_each_pwq (part, queue)
    for_each_pending_work (work, part) report("waits", queue->name, symbol_name((void *)work->func));
