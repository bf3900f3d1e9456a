/* Numbers for things, and the things of numbers. */

/** What has a number, or null. */
static inline void *idr_find(const struct idr *idr, unsigned long id)
{
	return xa_load(&idr->idr_rt, id - idr->idr_base);
}

/** What has the first number from `*next` on, or null; `*next` becomes that number. */
static inline void *idr_get_next(const struct idr *idr, int *next)
{
	unsigned long index = *next > (int)idr->idr_base ? *next - idr->idr_base : 0;
	void *entry = xa_next_entry(&idr->idr_rt, &index, 0x7fffffff);
	if (entry)
		*next = index + idr->idr_base;
	return entry;
}

/** Whether nothing has a number. */
static inline bool idr_is_empty(const struct idr *idr)
{
	return !idr->idr_rt.xa_head;
}

/** Runs once for each thing that has a number. */
#define idr_for_each_entry(idr, entry, id) \
	for ((id) = 0, (entry) = idr_get_next(idr, &(id)); (entry); (id)++, (entry) = idr_get_next(idr, &(id)))

/** Goes on at `id`. */
#define idr_for_each_entry_continue(idr, entry, id) \
	for ((entry) = idr_get_next(idr, &(id)); (entry); (id)++, (entry) = idr_get_next(idr, &(id)))
