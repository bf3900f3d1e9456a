// Page pools of network drivers that were shut down and still wait for pages.
//
// effect: read
// when: The log says "stalled pool shutdown", or memory leaks after a device went away.
// does: A row for each pool: its number, the pages that are out and the device, or "gone". Kernels before 6.8
//   have no table of pools; there the outcome is skipped.
// risk: None that is known.
// undo: Nothing was changed.
#if __has_symbol(page_pools)
extern struct xarray page_pools;
struct page_pool *pool;
unsigned long number;
xa_for_each (&page_pools, number, pool)
  report(number, (int)(pool->pages_state_hold_cnt - (unsigned)atomic_read(&pool->pages_state_release_cnt)),
         (unsigned long)pool->slow.netdev > 4096 ? (const char *)pool->slow.netdev->name : "gone");
#else
require(0);
#endif
