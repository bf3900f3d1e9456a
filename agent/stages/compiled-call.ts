import type { Effect } from '../../shared/messages/index.ts';
import type { CompiledCallee, CompiledDeny, IndirectCall, PlannedWatch } from '../compiler/index.ts';

/** A kernel function that a program calls; its address is only of use to the compiler. */
export type Callee = Omit<CompiledCallee, 'address'>;

/** A call program, compiled against this host's kernel; nothing of it has been run. */
export interface CompiledCall {
  /** The module to load; undefined if the program only reads and needs none. */
  readonly image: Uint8Array | undefined;
  readonly moduleName: string;
  /** The most that the program may do, as the compiler found; not what the request declares. */
  readonly effect: Effect;
  /** Every kernel function that the program calls. Helpers that farcall adds are not listed. */
  readonly callees: readonly Callee[];
  /** Where it calls, or passes on, a pointer whose function it does not name. */
  readonly indirectCalls: readonly IndirectCall[];
  /** The functions that it watches, and for how long. */
  readonly watches: readonly PlannedWatch[];
  /** The functions that it denies. Where it has some, the module may stay in the kernel. */
  readonly denies: readonly CompiledDeny[];
}
