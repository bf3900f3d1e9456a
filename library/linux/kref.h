/* Counts of references with a function that ends the thing. */

/** The number of references. */
static inline unsigned int kref_read(const struct kref *count)
{
	return refcount_read(&count->refcount);
}

/** Takes a reference. */
static inline void kref_get(struct kref *count)
{
	refcount_inc(&count->refcount);
}

/** Takes a reference unless there is none; gives whether it was taken. */
static inline bool kref_get_unless_zero(struct kref *count)
{
	return refcount_inc_not_zero(&count->refcount);
}

/** Gives a reference back; where it was the last, `release` is called. Gives whether it was. */
#define kref_put(count, release) \
	({ struct kref *__count = (count); bool __last = refcount_dec_and_test(&__count->refcount); \
	   if (__last) release(__count); __last; })
