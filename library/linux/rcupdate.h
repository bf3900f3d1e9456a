/* Read-copy-update. */

/** The pointer, to be used under rcu_read_lock(). */
#define rcu_dereference(pointer) READ_ONCE(pointer)

/** The same, where a lock keeps the pointer as it is. */
#define rcu_dereference_protected(pointer, condition) (pointer)

/** rcu_dereference, or under a lock. */
#define rcu_dereference_check(pointer, condition) READ_ONCE(pointer)

/** rcu_dereference without any check. */
#define rcu_dereference_raw(pointer) READ_ONCE(pointer)

/** The pointer, only to be compared. */
#define rcu_access_pointer(pointer) READ_ONCE(pointer)

/** Publishes a pointer to readers. */
#define rcu_assign_pointer(pointer, value) WRITE_ONCE(pointer, value)
