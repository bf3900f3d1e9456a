import { globMatches } from '../../../../shared/glob/index.ts';

/** Functions of one kind that keep a pointer when they have returned, by patterns of their names. */
export interface KeepingKind {
  /** What becomes of the pointer, as the end of "'f' …". */
  readonly reason: string;
  readonly names: readonly string[];
  /** Names that fit a pattern and keep nothing. */
  readonly except?: readonly string[];
  /**
   * Whether all pointers of a call may be to memory of the program: then nothing of the kernel's leads there.
   */
  readonly amongOwn?: boolean;
  /** Whether string literals are copied: they are formats. */
  readonly copiesTexts?: boolean;
}

/**
 * Functions after whose return the kernel uses what it was given. The memory of a program is gone a
 * millisecond later.
 *
 * Threat: a host dies long after the call that did it, in code that has nothing to do with it. The table
 * knows no more than names; any other function may keep a pointer, too.
 */
export const KEEPING_KINDS: readonly KeepingKind[] = [
  {
    reason: 'registers it for as long as the kernel runs',
    names: ['*register_*', '*_register', 'device_add', 'device_initialize'],
    except: ['*unregister_*', '*_unregister', '*deregister*'],
  },
  { reason: 'makes it a part of sysfs', names: ['kobject_init*', 'kobject_add*'], copiesTexts: true },
  {
    reason: 'starts a timer with it',
    names: ['add_timer*', 'mod_timer*', 'timer_reduce', 'hrtimer_start*', 'hrtimer_sleeper_start*'],
  },
  {
    reason: 'queues it, for another task to use later',
    names: [
      'queue_work*',
      '*queue_delayed_work*',
      'mod_delayed_work*',
      'queue_rcu_work',
      'schedule_*work*',
      'kthread_queue_*work',
      'kthread_mod_delayed_work',
      'irq_work_queue*',
      'task_work_add',
      'smp_call_function_single_async',
      '__napi_schedule*',
      '__tasklet_*schedule',
    ],
  },
  { reason: 'uses it after a grace period', names: ['call_rcu*', 'call_srcu', 'kvfree_call_rcu'] },
  {
    reason: 'gives it to a thread that lives on',
    names: ['kthread_create*', 'kernel_thread'],
    copiesTexts: true,
  },
  {
    reason: 'makes it a part of what the kernel walks',
    names: [
      ...['*list_add*', '*list_move*', 'rb_insert_color*', 'plist_add'],
      ...[
        '*add_wait_queue*',
        'prepare_to_wait*',
        'xa_store*',
        '__xa_store*',
        'idr_alloc*',
        'radix_tree_insert',
      ],
    ],
    amongOwn: true,
  },
];

/** How the function keeps pointers; undefined where this does not know that it keeps any. */
export function keepsPointers(name: string): KeepingKind | undefined {
  const fits = (patterns: readonly string[]): boolean => patterns.some(pattern => globMatches(pattern, name));
  return KEEPING_KINDS.find(({ names, except = [] }) => fits(names) && !fits(except));
}
