import type { Offset } from '../../preprocessor/index.ts';
import type { CalledFunction, TypedExpression, Variable } from './typed-tree.ts';
import type { KernelEntry, ProbeLayout } from './typed-watch.ts';

/** What this kernel has for denies: a probe that changes the way, and what is noted of those denied. */
export interface DenySupport {
  readonly probe: ProbeLayout;
  /** Offset of `post_handler` in struct kprobe. */
  readonly postHandler: number;
  readonly register: KernelEntry;
  readonly unregister: KernelEntry;
  /** Nanoseconds since the boot, time asleep included. Takes no lock: it is called in handlers. */
  readonly clock: KernelEntry;
  /**
   * A function of the kernel that does nothing but return, if it has one. CPUs need none that keep the
   * address to return to in a register.
   */
  readonly returnAt: KernelEntry | undefined;
  readonly task: DeniedTask;
}

/** Offsets in struct task_struct, and in the credentials that it points to. */
export interface DeniedTask {
  /** As of `current` in the typed tree. */
  readonly perCpu: bigint | undefined;
  readonly pid: number;
  readonly tgid: number;
  readonly comm: number;
  readonly cred: number;
  /** In struct cred. */
  readonly uid: number;
}

/** What this kernel has for a probe in a module that comes and goes. */
export interface ArrivalSupport {
  readonly register: KernelEntry;
  readonly unregister: KernelEntry;
  /** struct notifier_block. */
  readonly notifier: { readonly sizeBytes: number; readonly call: number; readonly priority: number };
  /** Offset in struct kprobe. */
  readonly symbolName: number;
  /** The module in whose code an address is, `struct module *(unsigned long)`. */
  readonly holderOf: KernelEntry;
  /** MODULE_STATE_COMING and MODULE_STATE_GOING. */
  readonly coming: bigint;
  readonly going: bigint;
}

/** `deny (f, value) …`: from now on `f` returns the value at once where the condition holds. */
export interface TypedDeny {
  readonly kind: 'deny';
  readonly denied: CalledFunction;
  /** As the function returns it, extended to 64 bits. */
  readonly value: bigint;
  /** As the program spells it: `-EPERM`. */
  readonly valueText: string;
  /** The first parameters of the function, in the condition. */
  readonly params: readonly Variable[];
  readonly lifeMs: number;
  readonly condition: TypedExpression | undefined;
  /** As the program spells it; undefined where every call is denied. */
  readonly conditionText: string | undefined;
  /** Variables of the program itself. */
  readonly shared: ReadonlySet<Variable>;
  readonly support: DenySupport;
  /** Where the function is one of a module: it is denied whenever that is loaded. */
  readonly arrivals: ArrivalSupport | undefined;
  /** Whether its module is not loaded now. */
  readonly isAwaited: boolean;
  readonly at: Offset;
}
