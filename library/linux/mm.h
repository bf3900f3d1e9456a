/* Pages, and the memory of processes. */

/** The bytes of a page as a power of two. */
#define PAGE_SHIFT (PAGE_SIZE == 4096 ? 12 : PAGE_SIZE == 16384 ? 14 : 16)

/** The bytes of a page: one lies between these members of a ring buffer. */
#if __has_member(struct bpf_ringbuf, producer_pos)
#define PAGE_SIZE (offsetof(struct bpf_ringbuf, producer_pos) - offsetof(struct bpf_ringbuf, consumer_pos))
#else
#define PAGE_SIZE 4096UL
#endif

/** The first page of the pages that belong together with this one. */
static inline struct page *compound_head(const struct page *page)
{
#if __has_member(struct page, compound_head)
	unsigned long head = READ_ONCE(page->compound_head);
#else
	unsigned long head = READ_ONCE(page->compound_info);
#endif
	if (!(head & 1))
		return (struct page *)page;
	head -= 1;
	/* Newer kernels may keep a mask there instead of an address: ones, and then zeros. */
	return (struct page *)(is_power_of_2(-head) ? (unsigned long)page & head : head);
}

/** Whether a page belongs together with the pages before it. */
static inline bool PageTail(const struct page *page)
{
	return compound_head(page) != page;
}

/** The number of references to a page. */
static inline int page_ref_count(const struct page *page)
{
	return compound_head(page)->_refcount.counter;
}

/** Whether a flag such as PG_locked is set. */
#define page_flag(page, flag) test_bit(flag, (const unsigned long *)&compound_head(page)->flags)

/** Whether a page is locked. */
#define PageLocked(page) page_flag(page, PG_locked)

/** Whether a page holds what its disk does not. */
#define PageDirty(page) page_flag(page, PG_dirty)

/** Whether a page is being written. */
#define PageWriteback(page) page_flag(page, PG_writeback)

/** Whether a page holds what its disk holds. */
#define PageUptodate(page) page_flag(page, PG_uptodate)

/** Runs once for each range of memory of a process. The lock of the memory is not taken. */
#if __has_member(struct mm_struct, mm_mt)
#define for_each_vma_of(mm, vma, index) mt_for_each(&(mm)->mm_mt, vma, index, ~0UL)
#else
#define for_each_vma_of(mm, vma, index) \
	for ((vma) = (mm)->mmap; (vma) && ((index) = (vma)->vm_end, 1); (vma) = (vma)->vm_next)
#endif

/** The rights of a range of memory, as /proc/PID/maps shows them. */
static inline const char *vma_rights(const struct vm_area_struct *vma)
{
	const char *all = "---p\0r--p\0-w-p\0rw-p\0--xp\0r-xp\0-wxp\0rwxp\0---s\0r--s\0-w-s\0rw-s\0--xs\0r-xs\0-wxs\0rwxs";
	return all + 5 * (vma->vm_flags & 15);
}

/** Takes a reference to the memory of a process, unless it has ended. */
#define mmget_not_zero(mm) atomic_inc_not_zero(&(mm)->mm_users)

/** Takes a reference to the memory of a process. */
#define mmget(mm) atomic_inc(&(mm)->mm_users)

/** Takes the lock of the memory of a process for reading. */
#define mmap_read_lock(mm) down_read(&(mm)->mmap_lock)

/** Takes the lock of the memory of a process for reading if it is free; gives whether it was taken. */
#define mmap_read_trylock(mm) (down_read_trylock(&(mm)->mmap_lock) != 0)

/** Gives the lock back. */
#define mmap_read_unlock(mm) up_read(&(mm)->mmap_lock)

/** Takes the lock of the memory of a process for writing. */
#define mmap_write_lock(mm) down_write(&(mm)->mmap_lock)

/** Gives the lock back. */
#define mmap_write_unlock(mm) up_write(&(mm)->mmap_lock)

/** The pages of a process that are in memory. */
static inline long get_mm_rss(const struct mm_struct *mm)
{
	long pages = 0;
	const int kinds[3] = { MM_FILEPAGES, MM_ANONPAGES, MM_SHMEMPAGES };
	for (int at = 0; at < 3; at++)
#if __has_type(struct mm_rss_stat)
		pages += mm->rss_stat.count[kinds[at]].counter;
#else
		pages += percpu_counter_sum_positive(&mm->rss_stat[kinds[at]]);
#endif
	return pages;
}

/** The pages of a file that are in memory. */
#define inode_cached_pages(inode) ((inode)->i_mapping->nrpages)

/** Takes a reference to a page, for the pages that belong together with it as well. */
static inline void get_page(struct page *page)
{
	__atomic_fetch_add(&compound_head(page)->_refcount.counter, 1);
}

/** The structure that stands for the pages that belong together with this one. */
#define page_folio(page) ((struct folio *)compound_head(page))

/** Gives a reference to a page back. */
static inline void put_page(struct page *page)
{
	struct page *head = compound_head(page);
	if (__atomic_fetch_sub(&head->_refcount.counter, 1) == 1)
#if __has_symbol(__folio_put)
		__folio_put((struct folio *)head);
#else
		__put_page(head);
#endif
}

/** Gives a reference to pages that belong together back. */
#define folio_put(folio) put_page((struct page *)(folio))
