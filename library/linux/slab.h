/* Memory of the kernel's own. */

/** Memory of the kernel, or null. The symbol has another name where allocations are profiled. */
static inline void *kmalloc(size_t bytes, gfp_t flags)
{
#if __has_symbol(__kmalloc_noprof)
	return __kmalloc_noprof(bytes, flags);
#else
	return __kmalloc(bytes, flags);
#endif
}

/** The same, set to zero. */
static inline void *kzalloc(size_t bytes, gfp_t flags)
{
	return kmalloc(bytes, flags | __GFP_ZERO);
}

/** Memory for so many things of a size, or null where the product is too large. */
static inline void *kmalloc_array(size_t count, size_t bytes, gfp_t flags)
{
	return bytes && count > ~0UL / bytes ? (void *)0 : kmalloc(count * bytes, flags);
}

/** The same, set to zero. */
static inline void *kcalloc(size_t count, size_t bytes, gfp_t flags)
{
	return kmalloc_array(count, bytes, flags | __GFP_ZERO);
}

/** Memory that is contiguous only in the kernel's addresses, or null. */
#if __has_symbol(vmalloc_noprof)
#define vmalloc(bytes) vmalloc_noprof(bytes)
#else
#define vmalloc_noprof(bytes) vmalloc(bytes)
#endif

/** All caches of the slab allocator. */
extern struct list_head slab_caches;

/** Runs once for each cache of the slab allocator. */
#define for_each_slab_cache(cache) list_for_each_entry(cache, &slab_caches, list)

/** The cache with a name. Where there is none, the program ends as skipped. */
static inline struct kmem_cache *find_slab_cache(const char *name)
{
	struct kmem_cache *cache;
	for_each_slab_cache(cache)
		if (strcmp(cache->name, name) == 0)
			return cache;
	require(0);
	return 0;
}

/** kmalloc by the name of its symbol. */
#if __has_symbol(__kmalloc_noprof)
#define __kmalloc(bytes, flags) __kmalloc_noprof(bytes, flags)
#else
#define __kmalloc_noprof(bytes, flags) __kmalloc(bytes, flags)
#endif
