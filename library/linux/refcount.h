/* Counts of references, which stop at an end instead of going round. */

/** The number of references. */
static inline unsigned int refcount_read(const refcount_t *count)
{
	return READ_ONCE(count->refs.counter);
}

/** Writes the number of references. */
static inline void refcount_set(refcount_t *count, int references)
{
	WRITE_ONCE(count->refs.counter, references);
}

/** Takes a reference. A count that was 0 or overflowed becomes saturated, as in the kernel. */
static inline void refcount_inc(refcount_t *count)
{
	int before = __atomic_fetch_add(&count->refs.counter, 1);
	if (before <= 0)
		WRITE_ONCE(count->refs.counter, -1073741824);
}

/** Takes a reference unless the count is 0; gives whether it was taken. */
static inline bool refcount_inc_not_zero(refcount_t *count)
{
	int seen = count->refs.counter;
	while (seen > 0) {
		int now = cmpxchg(&count->refs.counter, seen, seen + 1);
		if (now == seen)
			return true;
		seen = now;
	}
	return seen < 0;
}

/** Gives a reference back; gives whether it was the last. A count that was 0 or less becomes saturated. */
static inline bool refcount_dec_and_test(refcount_t *count)
{
	int before = __atomic_fetch_sub(&count->refs.counter, 1);
	if (before <= 0)
		WRITE_ONCE(count->refs.counter, -1073741824);
	return before == 1;
}

/** Gives a reference back that is not the last. */
static inline void refcount_dec(refcount_t *count)
{
	int before = __atomic_fetch_sub(&count->refs.counter, 1);
	if (before <= 1)
		WRITE_ONCE(count->refs.counter, -1073741824);
}
