import { FarcallError } from '../../../../shared/errors/index.ts';
import type { ArrivalSupport, DenySupport } from '../tree/index.ts';
import type { KernelNames } from './kernel-names.ts';
import { currentOfCpu, entryProbe, probeEntry, structOf } from './watch-support.ts';

/**
 * Functions of x86-64 kernels that do nothing but return (arch/x86/lib/error-inject.c and
 * arch/x86/kernel/ftrace_64.S, v5.10 and v6.12).
 */
const RETURNS_AT_ONCE = ['just_return_func', 'ftrace_stub'] as const;

/**
 * A kernel tells the types of its handlers of entries, but not of what a module is left by (kCFI).
 */
const NO_CFI =
  'this kernel checks the type of what a module is left by (kCFI), which farcall does not know: it can deny nothing here';

/**
 * What this kernel has for denies. Throws KERNEL_LACKS with the name of what is missing.
 *
 * Threat: a CPU that goes on in the module after the handler has returned may be interrupted there, and the
 * module is gone when it comes back. So the way out of a denied function is code of the kernel itself, and
 * unregister_kprobe() waits for all that runs in the handler.
 */
export function denySupport(names: KernelNames): DenySupport {
  if (names.symbols.lookup('report_cfi_failure').length > 0) throw new FarcallError('KERNEL_LACKS', NO_CFI);
  const kprobe = structOf(names, 'kprobe');
  const task = structOf(names, 'task_struct');
  return {
    probe: entryProbe(names),
    postHandler: kprobe.offset('post_handler'),
    register: probeEntry(names, 'register_kprobe'),
    unregister: probeEntry(names, 'unregister_kprobe'),
    clock: probeEntry(names, 'ktime_get_boot_fast_ns'),
    returnAt: returningFunction(names),
    task: {
      perCpu: currentOfCpu(names),
      pid: task.offset('pid'),
      tgid: task.offset('tgid'),
      comm: task.offset('comm'),
      cred: task.offset('cred'),
      uid: structOf(names, 'cred').offset('uid'),
    },
  };
}

/**
 * What this kernel has for a deny in a module, which may come, go and come again (include/linux/notifier.h
 * and include/linux/module.h, v5.10 to v6.12). Throws KERNEL_LACKS with the name of what is missing.
 */
export function arrivalSupport(names: KernelNames): ArrivalSupport {
  const kprobe = structOf(names, 'kprobe');
  const notifier = structOf(names, 'notifier_block');
  const state = (name: string): bigint => {
    const found = names.enumerator(name);
    if (!found) throw new FarcallError('KERNEL_LACKS', `this kernel lacks ${name}`);
    return found.value;
  };
  return {
    register: probeEntry(names, 'register_module_notifier'),
    unregister: probeEntry(names, 'unregister_module_notifier'),
    notifier: {
      sizeBytes: notifier.sizeBytes,
      call: notifier.offset('notifier_call'),
      priority: notifier.offset('priority'),
    },
    symbolName: kprobe.offset('symbol_name'),
    holderOf: probeEntry(names, '__module_address'),
    coming: state('MODULE_STATE_COMING'),
    going: state('MODULE_STATE_GOING'),
  };
}

function returningFunction({ symbols }: KernelNames): DenySupport['returnAt'] {
  for (const name of RETURNS_AT_ONCE) {
    const found = symbols.lookup(name).find(({ module }) => module === undefined);
    if (found) return { name, address: found.address };
  }
  return undefined;
}
