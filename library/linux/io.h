/* Addresses of the kernel's memory, and what they stand for. On x86-64, for memory that kmalloc() and pages give. */

/** The address of the first byte of memory. Kernels for arm64 have it as a constant, and nothing tells it. */
#if __has_symbol(page_offset_base)
extern unsigned long page_offset_base;
#else
#define page_offset_base \
	({ _Static_assert(0, "this kernel does not tell where its memory begins; virt_to_phys() and its like need that"); 0UL; })
#endif

/** The address of the structure of the first page. Kernels for arm64 have it as a constant, and nothing tells it. */
#if __has_symbol(vmemmap_base)
extern unsigned long vmemmap_base;
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
