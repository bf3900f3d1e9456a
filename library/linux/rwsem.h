/* Locks for many readers or one writer: who holds one, and who waits. */

/** Whether somebody holds the lock. */
static inline bool rwsem_is_locked(const struct rw_semaphore *lock)
{
	return (READ_ONCE(lock->count.counter) & ~6L) != 0;
}

/** The task that holds the lock for writing, or the reader that took it last, or null. It may have ended. */
static inline struct task_struct *rwsem_owner(const struct rw_semaphore *lock)
{
	return (struct task_struct *)(READ_ONCE(lock->owner.counter) & ~7UL);
}

/** Runs once for each `struct rwsem_waiter` of a lock; its `task` waits, for reading where `type` is RWSEM_WAITING_FOR_READ. */
#if __has_member(struct rw_semaphore, wait_list)
#define for_each_rwsem_waiter(waiter, lock) list_for_each_entry(waiter, &(lock)->wait_list, list)
#else
#define for_each_rwsem_waiter(waiter, lock) \
	for ((waiter) = (lock)->first_waiter; (waiter); \
	     (waiter) = list_next_entry(waiter, list) != (lock)->first_waiter ? list_next_entry(waiter, list) : 0)
#endif

/** Whether a writer holds the lock. */
static inline bool rwsem_has_writer(const struct rw_semaphore *lock)
{
	return (READ_ONCE(lock->count.counter) & 1) != 0;
}

/** The number of readers that hold the lock. */
static inline long rwsem_readers(const struct rw_semaphore *lock)
{
	return (READ_ONCE(lock->count.counter) & 0x7fffffffffffffffL) >> 8;
}
