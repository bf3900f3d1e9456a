/**
 * Names that people write and a kernel does not have, or not any more, each with what a program writes
 * instead: the end of "this kernel has no …;".
 */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ...['printf', 'puts', 'print', 'println', 'echo', 'console', 'fprintf', 'putchar', 'cout'].map(
    name =>
      [name, 'report(value, …) adds a row to the result, and printk() writes to the kernel log'] as const,
  ),
  ...['malloc', 'calloc', 'realloc', 'alloca', 'strdup', 'new'].map(
    name => [name, 'declare an array, or take memory of the kernel with kmalloc(bytes, GFP_KERNEL)'] as const,
  ),
  ['free', 'kfree() gives memory of the kernel back'],
  ...['exit', 'abort', '_exit'].map(name => [name, 'write return, or require(condition)'] as const),
  ['assert', 'require(condition) ends the program where it is false'],
  ...['len', 'length', 'count'].map(
    name => [name, 'ARRAY_SIZE(array) and strlen(text) tell lengths'] as const,
  ),
  ...['sleep', 'usleep', 'nanosleep'].map(name => [name, 'msleep(milliseconds) sleeps'] as const),
  ...['time', 'gettimeofday', 'clock_gettime'].map(
    name => [name, 'ktime_get_real_seconds() and ktime_get_ns() tell the time'] as const,
  ),
  ['errno', 'functions of the kernel return -ENOENT and its like, or ERR_PTR() of it'],
  ['pid', 'current->pid, or find_task(pid)'],
  ...['None', 'nil', 'null', 'nullptr'].map(name => [name, 'write NULL'] as const),
  ...['True', 'False'].map(name => [name, 'write true or false'] as const),
  ...['and', 'or', 'not'].map(name => [name, 'write &&, || or !'] as const),
  ...['module_init', 'MODULE_LICENSE', 'EXPORT_SYMBOL', 'module_exit'].map(
    name => [name, 'a program is a text of statements, and farcall makes the module'] as const,
  ),
  ['_printk', 'before Linux 5.15 it is printk(), which programs can call on every kernel'],
  ['sysrq_handle', "write __handle_sysrq('w', false)"],
  ['get_super', 'find_super_block("vda1") finds a file system by its device'],
  ['text_poke', 'farcall patches no code; watch() runs statements when a function is entered'],
  ...['mtree_load', 'mt_found_from', 'mt_found_at', 'mt_find', 'mas_for_each', 'mas_find'].map(
    name =>
      [
        name,
        'it has no maple trees; for_each_vma_of(mm, vma, index) walks a process on every kernel',
      ] as const,
  ),
  ['kthread_run', 'a program starts no threads of its own; it runs to its end'],
  ...['raw_copy_from_user', '__copy_from_user', 'get_user'].map(
    name => [name, 'access_process_vm() reads the memory of a process'] as const,
  ),
  ...['put_user', '__copy_to_user'].map(
    name => [name, 'access_process_vm() writes the memory of a process'] as const,
  ),
  ['in_interrupt', 'a program runs in a task of its own, and never in an interrupt'],
  ['CONFIG_HZ', 'HZ tells the ticks of a second'],
]);

/** What a program writes instead of `name`; undefined where nothing is known. */
export function insteadOf(name: string): string | undefined {
  return INSTEAD.get(name);
}
