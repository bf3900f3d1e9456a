import type { Offset } from '../../preprocessor/index.ts';
import type { WatchMoment } from '../../program/index.ts';
import type { CalledFunction, TypedStatement, Variable } from './typed-tree.ts';

/** Offsets in the kernel's structure for a probe, and the functions that a watch is made of. */
export interface WatchSupport {
  readonly probe: ProbeLayout;
  readonly register: KernelEntry;
  readonly unregister: KernelEntry;
  readonly sleep: KernelEntry;
  readonly clock: KernelEntry;
  /** Takes no lock: it is called in handlers. */
  readonly fastClock: KernelEntry;
}

/** What keeps the module of a function in the kernel for as long as it is watched. */
export interface HolderSupport {
  /** The module in whose code an address is, `struct module *(unsigned long)`. */
  readonly holderOf: KernelEntry;
  /** `bool try_module_get(struct module *)` */
  readonly get: KernelEntry;
  readonly put: KernelEntry;
}

/** struct kprobe, or struct kretprobe for a watch of returns. */
export interface ProbeLayout {
  readonly sizeBytes: number;
  readonly addr: number;
  readonly handler: number;
  /** Counts of what the probe did not see. */
  readonly missed: readonly { readonly offset: number; readonly bytes: 4 | 8 }[];
  readonly returns: ReturnLayout | undefined;
}

/** What struct kretprobe has beside; and a clock, for how long a call took. */
export interface ReturnLayout {
  readonly maxactive: number;
  readonly entryHandler: number;
  readonly dataSize: number;
  /** Of `data` in struct kretprobe_instance, which the kernel has for each call that has not returned. */
  readonly instanceData: number;
  /** Takes no lock: it is called in handlers. */
  readonly clock: KernelEntry;
}

/** How the stack is saved with which a function was entered. */
export interface StackSupport {
  /** `unsigned int (struct pt_regs *regs, unsigned long *store, unsigned int size, unsigned int skip)` */
  readonly save: KernelEntry;
  /**
   * Where a caller is noted in a register, and not on the stack yet, when a function is entered: offsets in
   * struct pt_regs. Undefined where a call leaves it on the stack.
   */
  readonly link: { readonly pc: number; readonly register: number } | undefined;
}

/** A function of the kernel that farcall calls itself. */
export interface KernelEntry {
  readonly name: string;
  readonly address: bigint;
}

/** `watch (f, …)`: the body runs at each entry of the function, or return of it, on whatever CPU that is. */
export interface TypedWatch {
  readonly kind: 'watch';
  readonly moment: WatchMoment;
  readonly watched: CalledFunction;
  /** The clone of it, where the program names one, or means all. */
  readonly clone: string | undefined;
  /** Bytes behind the entry of the function at which the body runs; 0 for the entry itself. */
  readonly offset: number;
  /** `any of 2` where it is one of several; undefined where it is alone. */
  readonly of: string | undefined;
  /** At the entry: the first parameters of the function, in the body. */
  readonly params: readonly Variable[];
  /** At the return: what the function returned, if the body has a name for it. */
  readonly returned: Variable | undefined;
  /** Whether the body asks how long the function took. */
  readonly isTimed: boolean;
  readonly forMs: number;
  /** Hits after which it ends; undefined where only time ends it. */
  readonly until: number | undefined;
  /** Runs of the body in a second at most. */
  readonly atMost: number;
  /** Whether each run of the body is a hit: it has no `hit()`. */
  readonly countsRuns: boolean;
  /** Variables of the program itself; all others that the body uses are its own. */
  readonly shared: ReadonlySet<Variable>;
  readonly support: WatchSupport;
  /** Of a function of a module. */
  readonly holder: HolderSupport | undefined;
  /** The row that says how the watch went. */
  readonly summary: number;
  readonly body: TypedStatement;
  readonly at: Offset;
}
