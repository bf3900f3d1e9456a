/* Addresses of the kernel's memory, and what they stand for: for memory that kmalloc() and pages give. */

/** The number behind that of the last page of memory. */
#if __has_symbol(max_pfn)
extern unsigned long max_pfn;
#endif

/** The address behind the last page of memory. */
#if __has_symbol(high_memory)
extern void *high_memory;
#endif

/** The address of physical address zero. Kernels for arm64 have it as a constant, and tell where memory ends. */
#if __has_symbol(page_offset_base)
extern unsigned long page_offset_base;
#elif __has_symbol(high_memory) && __has_symbol(max_pfn)
#define page_offset_base ((unsigned long)high_memory - (max_pfn << PAGE_SHIFT))
#else
#define page_offset_base \
	({ _Static_assert(0, "this kernel does not tell where its memory begins; virt_to_phys() and its like need that"); 0UL; })
#endif

/** Bits of physical addresses within one section of the table of page structures. */
#define SECTION_SIZE_BITS (PAGE_SIZE == 65536 ? 29 : 27)

/** The sections of memory. */
#if __has_symbol(mem_section)
extern struct mem_section **mem_section;
#endif

/** Where the structure of page zero would be, by what the section of the last page says. */
#if __has_symbol(mem_section) && __has_symbol(max_pfn)
static inline unsigned long page_structures(void)
{
	unsigned long number = (max_pfn - 1) >> (SECTION_SIZE_BITS - PAGE_SHIFT);
	unsigned long each = PAGE_SIZE / sizeof(struct mem_section);
	return mem_section[number / each][number % each].section_mem_map & ~63UL;
}
#endif

/** The address of the structure of page zero. Kernels for arm64 have it as a constant. */
#if __has_symbol(vmemmap_base)
extern unsigned long vmemmap_base;
#elif __has_symbol(mem_section) && __has_symbol(max_pfn)
#define vmemmap_base page_structures()
#else
#define vmemmap_base \
	({ _Static_assert(0, "this kernel does not tell where its page structures begin; virt_to_page() and its like need that"); 0UL; })
#endif

/** The physical address of memory. */
#define virt_to_phys(address) ((unsigned long)(address) - page_offset_base)

/** The address of a physical address. */
#define phys_to_virt(physical) ((void *)((unsigned long)(physical) + page_offset_base))

/** The page of a page number. */
#define pfn_to_page(number) ((struct page *)vmemmap_base + (number))

/** The number of a page. */
#define page_to_pfn(of) ((unsigned long)((const struct page *)(of) - (const struct page *)vmemmap_base))

/** The page of an address. */
#define virt_to_page(address) pfn_to_page(virt_to_phys(address) >> PAGE_SHIFT)

/** The address of a page. */
#define page_address(page) phys_to_virt(page_to_pfn(page) << PAGE_SHIFT)
