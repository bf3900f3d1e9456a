/* Numbers that many change at once, each change in one step. */

/** The number. */
#define atomic_read(variable) READ_ONCE((variable)->counter)

/** The number of 64 bits. */
#define atomic64_read(variable) READ_ONCE((variable)->counter)

/** The number of the size of a long. */
#define atomic_long_read(variable) READ_ONCE((variable)->counter)

/** Writes the number. */
#define atomic_set(variable, value) WRITE_ONCE((variable)->counter, value)

/** Writes the number of 64 bits. */
#define atomic64_set(variable, value) WRITE_ONCE((variable)->counter, value)

/** Writes the number of the size of a long. */
#define atomic_long_set(variable, value) WRITE_ONCE((variable)->counter, value)

/** Adds; gives what was there before. */
#define atomic_fetch_add(value, variable) __atomic_fetch_add(&(variable)->counter, value)

/** Adds; gives the sum. */
#define atomic_add_return(value, variable) \
	({ auto __added = (value); __atomic_fetch_add(&(variable)->counter, __added) + __added; })

/** Subtracts; gives the difference. */
#define atomic_sub_return(value, variable) \
	({ auto __taken = (value); __atomic_fetch_sub(&(variable)->counter, __taken) - __taken; })

/** Adds. */
#define atomic_add(value, variable) ((void)__atomic_fetch_add(&(variable)->counter, value))

/** Subtracts. */
#define atomic_sub(value, variable) ((void)__atomic_fetch_sub(&(variable)->counter, value))

/** Adds 1. */
#define atomic_inc(variable) atomic_add(1, variable)

/** Subtracts 1. */
#define atomic_dec(variable) atomic_sub(1, variable)

/** Adds 1; gives the sum. */
#define atomic_inc_return(variable) atomic_add_return(1, variable)

/** Subtracts 1; gives the difference. */
#define atomic_dec_return(variable) atomic_sub_return(1, variable)

/** Subtracts 1; gives whether 0 is left. */
#define atomic_dec_and_test(variable) (atomic_sub_return(1, variable) == 0)

/** Adds 1; gives whether the sum is 0. */
#define atomic_inc_and_test(variable) (atomic_add_return(1, variable) == 0)

/** Writes `new` where the number is `old`; gives what was there. */
#define atomic_cmpxchg(variable, old, new) cmpxchg(&(variable)->counter, old, new)

/** Writes a number; gives what was there. */
#define atomic_xchg(variable, new) xchg(&(variable)->counter, new)

/** Adds, unless the number is `unless`; gives whether it was added. */
#define atomic_add_unless(variable, value, unless) \
	({ auto __variable = (variable); auto __old = __variable->counter; auto __seen = __old; \
	   while (__old != (unless) && (__seen = cmpxchg(&__variable->counter, __old, __old + (value))) != __old) \
		   __old = __seen; \
	   __old != (unless); })

/** Adds 1, unless the number is 0; gives whether it was added. */
#define atomic_inc_not_zero(variable) atomic_add_unless(variable, 1, 0)

/** atomic_add for 64 bits. */
#define atomic64_add(value, variable) atomic_add(value, variable)

/** atomic_sub for 64 bits. */
#define atomic64_sub(value, variable) atomic_sub(value, variable)

/** atomic_inc for 64 bits. */
#define atomic64_inc(variable) atomic_inc(variable)

/** atomic_dec for 64 bits. */
#define atomic64_dec(variable) atomic_dec(variable)

/** atomic_add for a long. */
#define atomic_long_add(value, variable) atomic_add(value, variable)

/** atomic_sub for a long. */
#define atomic_long_sub(value, variable) atomic_sub(value, variable)

/** atomic_inc for a long. */
#define atomic_long_inc(variable) atomic_inc(variable)

/** atomic_dec for a long. */
#define atomic_long_dec(variable) atomic_dec(variable)
