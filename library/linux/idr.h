/* Numbers for things, and the things of numbers. */

/** What has a number, or null. */
static inline void *idr_find(const struct idr *idr, unsigned long id)
{
	return xa_load(&idr->idr_rt, id - idr->idr_base);
}

/** What has the first number from `from` on, and the number. */
static inline struct xa_found idr_found_from(const struct idr *idr, int from)
{
	unsigned long index = from > (int)idr->idr_base ? from - idr->idr_base : 0;
	struct xa_found found = xa_found_from(&idr->idr_rt, index, 0x7fffffff);
	found.where += idr->idr_base;
	return found;
}

/** What has the first number from the one on that `next` points to, or null; that becomes its number. */
#define idr_get_next(idr, next) \
	({ struct xa_found __found = idr_found_from(idr, *(next)); \
	   if (__found.what) *(next) = (int)__found.where; __found.what; })

/** Whether nothing has a number. */
static inline bool idr_is_empty(const struct idr *idr)
{
	return !idr->idr_rt.xa_head;
}

/** Goes on at `id`. */
#define idr_for_each_entry_continue(idr, entry, id) \
	for (struct xa_found __found = idr_found_from(idr, id); \
	     ((entry) = __found.what) && ((id) = (typeof(id))__found.where, 1); \
	     __found = idr_found_from(idr, (int)__found.where + 1))

/** Runs once for each thing that has a number. */
#define idr_for_each_entry(idr, entry, id) \
	for (struct xa_found __found = idr_found_from(idr, 0); \
	     ((entry) = __found.what) && ((id) = (typeof(id))__found.where, 1); \
	     __found = idr_found_from(idr, (int)__found.where + 1))

/** Gives a number back; the types of some kernels do not tell of it. */
#if !__has_parameters(ida_free, 2)
extern void ida_free(struct ida *ida, unsigned int number);
#endif

/** Calls a function of the kernel for each thing that has a number; the types of some kernels do not tell of it. */
#if !__has_parameters(idr_for_each, 3)
extern int idr_for_each(const struct idr *idr, int (*function)(int id, void *thing, void *data), void *data);
#endif
