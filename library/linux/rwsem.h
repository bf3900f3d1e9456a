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
