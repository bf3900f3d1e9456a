import type { Effect } from '../../shared/messages/index.ts';

/** A kernel function that a program calls. */
export interface CompiledCallee {
  readonly name: string;
  /** Module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
  /** Its declaration as C spells it, for reports. */
  readonly prototype: string;
}

/** A call program, compiled against this host's kernel; nothing of it has been run. */
export interface CompiledCall {
  /** The module to load; undefined where the program only reads and needs none. */
  readonly image: Uint8Array | undefined;
  readonly moduleName: string;
  /** What the program really does at most, as the compiler found it; not what the request says of it. */
  readonly effect: Effect;
  /** Every kernel function that it names as a callee. Helpers that farcall itself adds are not listed. */
  readonly callees: readonly CompiledCallee[];
}
