/* Numbers of tasks in namespaces. */

/** The number that a `struct pid` has in the initial namespace, or 0. */
static inline pid_t pid_nr(const struct pid *pid)
{
	return pid ? pid->numbers[0].nr : 0;
}

/** The number that a `struct pid` has in its own namespace, or 0. */
static inline pid_t pid_vnr(const struct pid *pid)
{
	return pid ? pid->numbers[pid->level].nr : 0;
}

/** The `struct pid` of a task. */
#define task_pid(task) ((task)->thread_pid)

/** The `struct pid` of the process of a task. */
#define task_tgid(task) ((task)->signal->pids[PIDTYPE_TGID])

/** The number that a task has in its own namespace. */
static inline pid_t task_pid_in_ns(const struct task_struct *task)
{
	return pid_vnr(task->thread_pid);
}

/** The first task of a process with a `struct pid`, or null. Nothing is held. */
static inline struct task_struct *pid_first_task(const struct pid *pid)
{
	struct hlist_node *first = pid->tasks[PIDTYPE_PID].first;
	return first ? container_of(first, struct task_struct, pid_links[PIDTYPE_PID]) : (struct task_struct *)0;
}
