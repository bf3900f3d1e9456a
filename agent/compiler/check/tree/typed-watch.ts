import type { Offset } from '../../preprocessor/index.ts';
import type { CalledFunction, TypedStatement, Variable } from './typed-tree.ts';

/** Offsets in the kernel's struct kprobe, and the functions that a watch is made of. */
export interface WatchSupport {
  readonly kprobe: {
    readonly sizeBytes: number;
    readonly addr: number;
    readonly preHandler: number;
    readonly nmissed: number;
  };
  readonly register: KernelEntry;
  readonly unregister: KernelEntry;
  readonly sleep: KernelEntry;
  readonly clock: KernelEntry;
}

/** A function of the kernel that farcall calls itself. */
export interface KernelEntry {
  readonly name: string;
  readonly address: bigint;
}

/** `watch (f, …)`: the body runs at each entry of the function, on whatever CPU that is. */
export interface TypedWatch {
  readonly kind: 'watch';
  readonly watched: CalledFunction;
  /** The first parameters of the function, in the body. */
  readonly params: readonly Variable[];
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
  /** The row that says how the watch went. */
  readonly summary: number;
  readonly body: TypedStatement;
  readonly at: Offset;
}
