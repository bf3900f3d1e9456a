// The largest caches of kernel memory.
//
// effect: read
// when: SUnreclaim or Slab of /proc/meminfo is large.
// does: A row for each cache with more bytes than a limit: its name, the bytes of an object, the objects that
//   there is room for and the bytes.
// risk: The kernel merges caches of one size, so a name may stand for others too.
// undo: Nothing was changed.
// parameter LEAST_BYTES: 1..1099511627776, caches below this size are left out
parameter int LEAST_BYTES in 1..1099511627776 = 1048576;
struct kmem_cache *cache;
for_each_slab_cache (cache) {
  unsigned long bytes = slab_total_objects(cache) * cache->size;
  if (bytes >= LEAST_BYTES) report(cache->name, cache->object_size, slab_total_objects(cache), bytes);
}
