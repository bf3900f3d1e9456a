import { globMatches } from '../../../../shared/glob/index.ts';

/** Functions of one kind that may sleep, by patterns of their names. */
export interface SleepingKind {
  /** Why they may sleep, as the end of "'f' …". */
  readonly reason: string;
  readonly names: readonly string[];
  /** Names that fit a pattern and do not sleep. */
  readonly except?: readonly string[];
}

/**
 * Functions that may put the task to sleep.
 *
 * Threat: a task that sleeps with a spin lock held, or with preemption or interrupts off, leaves the next one
 * spinning forever: the host dies without a word. One that sleeps in an RCU read section of a kernel that
 * cannot be preempted ends that section, and what it looks at may be freed. The table knows no more than
 * names; any other function may sleep, too.
 */
export const SLEEPING_KINDS: readonly SleepingKind[] = [
  {
    reason: 'waits until the lock is free',
    names: [
      ...['mutex_lock*', 'down', 'down_*', 'rtnl_lock*', 'cpus_read_lock', 'cpus_write_lock', 'console_lock'],
      ...['rt_mutex_lock*', 'ww_mutex_lock*', 'percpu_down_write', 'lock_sock_nested', 'lock_mount*'],
      ...['freeze_super', 'thaw_super', 'lock_rename', 'lock_system_sleep', 'lock_device_hotplug'],
    ],
    except: ['*_trylock'],
  },
  {
    reason: 'sleeps',
    names: [
      ...['msleep*', 'usleep_range*', 'schedule', 'schedule_timeout*', 'schedule_hrtimeout*'],
      ...['*_cond_resched', 'io_schedule*', 'yield', 'schedule_preempt_disabled'],
    ],
    except: ['*irqentry*'],
  },
  {
    reason: 'waits for what others do',
    names: [
      ...['wait_for_completion*', 'out_of_line_wait_on_bit*', 'wait_on_page*', '*folio_wait*'],
      ...['flush_work', 'flush_delayed_work', '*flush_workqueue', 'drain_workqueue', 'cancel_work_sync'],
      ...['cancel_delayed_work_sync', 'disable_work_sync', 'kthread_stop', 'kthread_park', 'kthread_flush_*'],
      ...[
        'synchronize_*',
        'rcu_barrier*',
        'srcu_barrier',
        'free_irq',
        'disable_irq',
        'stop_machine*',
        'kernel_wait*',
      ],
      ...['call_usermodehelper*', '__request_module', 'destroy_workqueue', 'wait_for_device_probe'],
    ],
    except: ['synchronize_hardirq'],
  },
  {
    reason: 'allocates memory, and may wait for it',
    names: [
      ...['vmalloc*', 'vzalloc*', '__vmalloc*', 'kthread_create*', 'alloc_workqueue*', 'kstrdup_quotable*'],
      ...[
        '*proc_create*',
        'proc_mkdir*',
        'debugfs_create*',
        'sysfs_create*',
        'kobject_add',
        'device_create*',
      ],
    ],
  },
  {
    reason: 'may wait for a disk or another machine',
    names: [
      ...[
        'filp_open',
        'file_open_root*',
        'filp_close',
        'kernel_read*',
        'kernel_write',
        '__kernel_write',
        'vfs_*',
      ],
      ...[
        'iput',
        'dput',
        'path_put',
        'mntput',
        'deactivate_super',
        'drop_super*',
        'invalidate_*mapping*',
        'iterate_dir',
      ],
      ...[
        'truncate_inode_pages*',
        'sync_filesystem',
        'sync_blockdev*',
        'filemap_write*',
        'filemap_fdatawait*',
        'kern_path*',
      ],
      ...[
        'evict_inodes',
        'shrink_dcache_*',
        'drop_pagecache_sb',
        'iterate_supers*',
        'user_get_super',
        'submit_bio_wait',
      ],
      ...[
        'kernel_sendmsg',
        'kernel_recvmsg',
        'kernel_connect',
        'kernel_accept',
        'sock_release',
        '__fput_sync',
      ],
    ],
  },
  {
    reason: 'waits for all who use it, or takes locks that sleep',
    names: [
      ...[
        '*unregister_netdev*',
        'register_netdev*',
        '*register_kprobe*',
        'unregister_kprobe*',
        '*register_ftrace_function*',
      ],
      ...[
        'device_del',
        'device_unregister',
        'device_register',
        'driver_register',
        'driver_unregister',
        'remove_cpu',
        'add_cpu',
      ],
      ...[
        'remove_proc_*',
        'debugfs_remove*',
        'sysfs_remove*',
        'kobject_put',
        'kmem_cache_create*',
        'kmem_cache_destroy',
      ],
      ...[
        'dev_open',
        'dev_close',
        'dev_change_flags',
        'dev_set_mtu',
        'static_key_slow_*',
        'static_key_enable*',
        'static_key_disable*',
        'crypto_alloc_*',
      ],
      ...['crypto_*register_alg*', 'set_cpus_allowed_ptr', 'sched_setscheduler*', 'smp_call_on_cpu'],
    ],
  },
  {
    reason: 'may wait for a page of a process',
    names: [
      ...['_copy_from_user', '_copy_to_user', 'access_process_vm', 'access_remote_vm'],
      ...['get_user_pages*', 'pin_user_pages*', 'get_task_exe_file', 'mmput', 'get_cmdline'],
    ],
    except: ['get_user_pages_fast_only', '*_nofault'],
  },
];

/** Why the function may sleep; undefined where this does not know that it does. */
export function whySleeps(name: string): string | undefined {
  const fits = (patterns: readonly string[]): boolean => patterns.some(pattern => globMatches(pattern, name));
  return SLEEPING_KINDS.find(({ names, except = [] }) => fits(names) && !fits(except))?.reason;
}
