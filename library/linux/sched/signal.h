/* Signals that wait. */

/** Whether a signal waits for a task or its process. */
static inline bool signal_waits(const struct task_struct *task, int signal)
{
	unsigned long bit = BIT(signal - 1);
	return ((task->pending.signal.sig[0] | task->signal->shared_pending.signal.sig[0]) & bit) != 0;
}

/** Whether a task keeps a signal back. */
static inline bool signal_is_blocked(const struct task_struct *task, int signal)
{
	return (task->blocked.sig[0] & BIT(signal - 1)) != 0;
}

/** Whether a signal that kills waits for a task. */
static inline bool fatal_signal_pending(const struct task_struct *task)
{
	return (task->pending.signal.sig[0] & BIT(9 - 1)) != 0;
}

/** The signals that wait for a task or its process, a bit each from SIGHUP on. */
#define task_pending_signals(task) \
	((task)->pending.signal.sig[0] | (task)->signal->shared_pending.signal.sig[0])

/** The signals that a task keeps back, a bit each from SIGHUP on. */
#define task_blocked_signals(task) ((task)->blocked.sig[0])

/** What a process does at a signal: 0 the usual, 1 nothing, else the address of its function. */
#define task_signal_handler(task, number) \
	((unsigned long)(task)->sighand->action[(number) - 1].sa.sa_handler)

/** A limit of a process, such as RLIMIT_NOFILE, as it is now. */
static inline unsigned long task_rlimit(const struct task_struct *task, unsigned int limit)
{
	return READ_ONCE(task->signal->rlim[limit].rlim_cur);
}

/** The most that a limit of a process may be set to. */
static inline unsigned long task_rlimit_max(const struct task_struct *task, unsigned int limit)
{
	return READ_ONCE(task->signal->rlim[limit].rlim_max);
}
