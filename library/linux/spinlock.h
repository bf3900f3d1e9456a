/* Locks that spin. While one is held, nothing may sleep. Where a guard is named, it gives the lock back on every way out. */

/** Takes a lock, as guard(spinlock)(&lock) does. */
#define spin_lock(lock) _raw_spin_lock(&(lock)->rlock)

/** Gives a lock back. */
#define spin_unlock(lock) _raw_spin_unlock(&(lock)->rlock)

/** Takes a lock if nobody holds it, as scoped_guard(spinlock_try, &lock) does; gives whether it was taken. */
#define spin_trylock(lock) _raw_spin_trylock(&(lock)->rlock)

/** Takes a lock and keeps interrupts off, as guard(spinlock_irq)(&lock) does. */
#define spin_lock_irq(lock) _raw_spin_lock_irq(&(lock)->rlock)

/** Gives a lock back and lets interrupts in. */
#define spin_unlock_irq(lock) _raw_spin_unlock_irq(&(lock)->rlock)

/** Takes a lock and keeps soft interrupts off, as guard(spinlock_bh)(&lock) does. */
#define spin_lock_bh(lock) _raw_spin_lock_bh(&(lock)->rlock)

/** Gives a lock back and lets soft interrupts in. */
#define spin_unlock_bh(lock) _raw_spin_unlock_bh(&(lock)->rlock)

/** Takes a lock, keeps interrupts off, and puts into `flags` whether they were on; guard(spinlock_irqsave)(&lock) needs no flags. */
#define spin_lock_irqsave(lock, flags) ((flags) = _raw_spin_lock_irqsave(&(lock)->rlock))

/** Gives a lock back, and lets interrupts in where they were on. */
#define spin_unlock_irqrestore(lock, flags) _raw_spin_unlock_irqrestore(&(lock)->rlock, flags)

/** Takes a raw lock, as guard(raw_spinlock)(&lock) does. */
#define raw_spin_lock(lock) _raw_spin_lock(lock)

/** Gives a raw lock back. */
#define raw_spin_unlock(lock) _raw_spin_unlock(lock)

/** Takes a raw lock, keeps interrupts off, and puts into `flags` whether they were on; guard(raw_spinlock_irqsave)(&lock) needs no flags. */
#define raw_spin_lock_irqsave(lock, flags) ((flags) = _raw_spin_lock_irqsave(lock))

/** Gives a raw lock back, and lets interrupts in where they were on. */
#define raw_spin_unlock_irqrestore(lock, flags) _raw_spin_unlock_irqrestore(lock, flags)

/** Takes a lock for reading, as guard(read_lock)(&lock) does. */
#define read_lock(lock) _raw_read_lock(lock)

/** Gives a lock for reading back. */
#define read_unlock(lock) _raw_read_unlock(lock)

/** Takes a lock for writing, as guard(write_lock)(&lock) does. */
#define write_lock(lock) _raw_write_lock(lock)

/** Gives a lock for writing back. */
#define write_unlock(lock) _raw_write_unlock(lock)

/** Whether somebody holds a lock. */
#define spin_is_locked(lock) ((lock)->rlock.raw_lock.val.counter != 0)
