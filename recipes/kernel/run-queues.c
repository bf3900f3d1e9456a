// What each CPU runs, and how many tasks wait for it.
//
// effect: read
// when: A host is slow, and you want to know whether CPUs are the reason.
// does: A row for each CPU with its number, the tasks that run or wait, the task that runs, and its number.
// risk: The figures change all the time.
// undo: Nothing was changed.
extern struct rq runqueues;
unsigned cpu;
for_each_online_cpu (cpu) {
  struct rq *queue = &per_cpu(runqueues, cpu);
  report(cpu, queue->nr_running, queue->curr->comm, queue->curr->pid);
}
