import { type Case, value } from './case.ts';

const LO =
  'extern struct net init_net; struct net_device *lo = find_netdev(&init_net, "lo"); int before = netdev_refcnt_read(lo); ';

/** What tells where the structures of pages are. */
const PAGES = { needs: [{ symbol: 'max_pfn' }] } as const;

/** What a program is told of the task and the CPU that run it, and what each CPU counts for itself. */
export const THIS_CPU: readonly Case[] = [
  value(
    'tasks',
    'find_task(current->pid) == current && current->mm && !(current->flags & PF_KTHREAD)',
    '(int)1',
  ),
  value('tasks', 'if (current->pid < 1) return 1; (const char *)current->comm', /^\(const char \*\)"\w/),
  value(
    'tasks',
    'int cpu; guard(preempt)(); for_each_online_cpu(cpu) if (cpu == smp_processor_id()) return task_cpu(current) == cpu; -1',
    '(int)1',
  ),
  value(
    'tasks',
    `${LO}dev_hold(lo); int held = netdev_refcnt_read(lo); dev_put(lo); held - before`,
    '(int)1',
  ),
  value('tasks', `${LO}dev_hold(lo); dev_put(lo); netdev_refcnt_read(lo) - before`, '(int)0'),
  value(
    'tasks',
    'struct percpu_ref *r = &find_cgroup("/")->self.refcnt; long before = percpu_ref_read(r); percpu_ref_get(r); long held = percpu_ref_read(r); percpu_ref_put(r); (held - before) * 10 + percpu_ref_read(r) - before',
    '(long)10',
  ),
  value('reads', 'PAGE_SIZE / 1024 == $PAGE_KIB && PAGE_SIZE == 1UL << PAGE_SHIFT', '(int)1'),
  value('calls', 'int hz = HZ; hz == 100 || hz == 250 || hz == 300 || hz == 1000', '(int)1'),
  value(
    'reads',
    'const struct page *p = compound_head(virt_to_page(find_task(1))); __has_type(struct slab) ? ((const struct slab *)p)->slab_cache->name : p->slab_cache->name',
    '(const char *)"task_struct"',
    PAGES,
  ),
  value(
    'reads',
    'unsigned long t = (unsigned long)find_task(1); (unsigned long)page_address(virt_to_page(t)) == (t & ~(PAGE_SIZE - 1)) && page_to_pfn(virt_to_page(t)) == virt_to_phys(t) >> PAGE_SHIFT',
    '(int)1',
    PAGES,
  ),
  value(
    'calls',
    'extern struct mutex module_mutex; if (!mutex_trylock(&module_mutex)) return -1; mutex_unlock(&module_mutex); 7',
    '(int)7',
  ),
];
