/* Tasks: their numbers, states and relatives. */

/** The task runs or waits for a CPU. */
#define TASK_RUNNING 0

/** The task sleeps, and a signal wakes it. */
#define TASK_INTERRUPTIBLE 1

/** The task sleeps, and no signal wakes it. */
#define TASK_UNINTERRUPTIBLE 2

/** Job control stopped the task. */
#define __TASK_STOPPED 4

/** A debugger stopped the task. */
#define __TASK_TRACED 8

/** The task is idle in the kernel, and does not count as load. */
#define TASK_NOLOAD 0x400

/** A signal that kills wakes the task. */
#define TASK_WAKEKILL 0x100

/** TASK_UNINTERRUPTIBLE, but woken by a signal that kills. */
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)

/** TASK_UNINTERRUPTIBLE without load: a kernel thread that waits for work. */
#define TASK_IDLE (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)

/** Any task that sleeps and can be woken. */
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)

/** The task is a kernel thread. */
#define PF_KTHREAD 0x00200000

/** The task is about to end. */
#define PF_EXITING 0x00000004

/** The state word of a task. It was called `state` before Linux 5.14. */
static inline unsigned int task_state(const struct task_struct *task)
{
#if __has_member(struct task_struct, __state)
	return READ_ONCE(task->__state);
#else
	return (unsigned int)READ_ONCE(task->state);
#endif
}

/** The state of a task as ps shows it: R, S, D, T, t, X, Z, P or I. */
static inline char task_state_to_char(const struct task_struct *task)
{
	unsigned int state = task_state(task);
	if ((state & (TASK_UNINTERRUPTIBLE | TASK_NOLOAD | TASK_WAKEKILL)) == TASK_IDLE)
		return 'I';
	unsigned int bits = (state | task->exit_state) & 0x7f;
	return "RSDTtXZP"[fls(bits)];
}

/** Whether a task sleeps and no signal wakes it, as ps shows with D. */
static inline bool task_is_blocked(const struct task_struct *task)
{
	return task_state_to_char(task) == 'D';
}

/** Whether a task runs or waits for a CPU. */
static inline bool task_is_running(const struct task_struct *task)
{
	return task_state(task) == TASK_RUNNING;
}

/** The number of a task in the initial namespace. */
static inline pid_t task_pid_nr(const struct task_struct *task)
{
	return task->pid;
}

/** The number of the process of a task in the initial namespace. */
static inline pid_t task_tgid_nr(const struct task_struct *task)
{
	return task->tgid;
}

/** The number of the parent's process in the initial namespace. */
static inline pid_t task_ppid_nr(const struct task_struct *task)
{
	return task->real_parent->tgid;
}

/** The CPU that a task runs on, or ran on last. */
static inline unsigned int task_cpu(const struct task_struct *task)
{
#if __has_member(struct task_struct, cpu)
	return task->cpu;
#else
	return task->thread_info.cpu;
#endif
}

/** Whether a task leads its process. */
static inline bool thread_group_leader(const struct task_struct *task)
{
	return task->exit_signal >= 0;
}

/** Whether two tasks are threads of one process. */
static inline bool same_thread_group(const struct task_struct *one, const struct task_struct *other)
{
	return one->signal == other->signal;
}

/** Whether a task is a kernel thread. */
static inline bool task_is_kthread(const struct task_struct *task)
{
	return (task->flags & PF_KTHREAD) != 0;
}

/** Takes a reference to a task. put_task_struct() gives it back. */
static inline struct task_struct *get_task_struct(struct task_struct *task)
{
	refcount_inc(&task->usage);
	return task;
}

/** Gives a reference to a task back. */
static inline void put_task_struct(struct task_struct *task)
{
	if (refcount_dec_and_test(&task->usage))
		__put_task_struct(task);
}

/** Runs once for each process, by its first task. */
#define for_each_process(task) for_each_task (task) if (thread_group_leader(task))

/** Runs once for each thread of the process of `task`, in the order of their start. */
#define for_each_thread(task, thread) \
	list_for_each_entry(thread, &(task)->signal->thread_head, thread_node)

/** Runs once for each task; `process` becomes the first task of its process. */
#define for_each_process_thread(process, thread) \
	for_each_task (thread) if (((process) = (thread)->group_leader), 1)

/** The number of threads of the process of a task. */
static inline int get_nr_threads(const struct task_struct *task)
{
	return task->signal->nr_threads;
}

/** The name of a task. */
#define task_comm(task) ((task)->comm)
