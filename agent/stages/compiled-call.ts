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
  /** The module to load; undefined if the program only reads and needs none. */
  readonly image: Uint8Array | undefined;
  readonly moduleName: string;
  /** The most that the program may do, as the compiler found; not what the request declares. */
  readonly effect: Effect;
  /** Every kernel function that the program calls. Helpers that farcall adds are not listed. */
  readonly callees: readonly CompiledCallee[];
}
