/* What an allocation may do. */

/** May wait and write to disks and file systems: for a program in a task, which may sleep. */
#define GFP_KERNEL 0xcc0

/** May not wait. */
#if __has_enumerator(___GFP_IO_BIT)
#define GFP_ATOMIC 0x820
#else
#define GFP_ATOMIC 0xa20
#endif

/** GFP_KERNEL for what belongs to a process. */
#define GFP_USER 0x100cc0

/** Neither starts to write to disks nor enters file systems. */
#define GFP_NOIO 0xc00

/** Does not enter file systems. */
#define GFP_NOFS 0xc40

/** The memory is set to zero. */
#define __GFP_ZERO 0x100

/** So many pages in a row, 2 to the power of `order`, or null. The symbol has another name where allocations are profiled. */
#if __has_symbol(__alloc_pages_noprof)
#define alloc_pages(flags, order) __alloc_pages_noprof(flags, order, 0, (nodemask_t *)0)
#elif __has_symbol(__alloc_pages)
#define alloc_pages(flags, order) __alloc_pages(flags, order, 0, (nodemask_t *)0)
#else
#define alloc_pages(flags, order) __alloc_pages_nodemask(flags, order, 0, (nodemask_t *)0)
#endif

/** The address of so many pages in a row, or 0. */
#if __has_symbol(get_free_pages_noprof)
#define __get_free_pages(flags, order) get_free_pages_noprof(flags, order)
#endif
