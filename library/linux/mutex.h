/* Locks that sleep: who holds one, and who waits. */

/** The task that holds a mutex, or null. Nothing is held: the task may end. */
static inline struct task_struct *mutex_owner(const struct mutex *lock)
{
	return (struct task_struct *)(READ_ONCE(lock->owner.counter) & ~7UL);
}

/** Whether somebody holds a mutex. */
static inline bool mutex_is_locked(const struct mutex *lock)
{
	return mutex_owner(lock) != 0;
}

/** Runs once for each `struct mutex_waiter` of a mutex; its `task` waits. */
#if __has_member(struct mutex, wait_list)
#define for_each_mutex_waiter(waiter, lock) list_for_each_entry(waiter, &(lock)->wait_list, list)
#else
#define for_each_mutex_waiter(waiter, lock) \
	for ((waiter) = (lock)->first_waiter; (waiter); \
	     (waiter) = list_next_entry(waiter, list) != (lock)->first_waiter ? list_next_entry(waiter, list) : 0)
#endif
