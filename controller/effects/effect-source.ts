import { saysDeny } from '../../agent/compiler/index.ts';
import {
  EFFECTS,
  type Effect,
  exceedsEffect,
  type HostFacts,
  type KernelProblem,
} from '../../shared/messages/index.ts';

/** What a program does on one kernel build, found from the types of that build. */
export interface DerivedEffect {
  /** The build as people name it. */
  readonly kernel: string;
  readonly effect: Effect;
  /** Whether it calls, or passes on, a pointer whose function it does not name. */
  readonly indirectCalls: boolean;
}

/** What the types of some kernels say of a program. */
export interface ProgramOnKernels {
  /** An entry for each kernel on which it compiles. */
  readonly effects: readonly DerivedEffect[];
  /** Why it does not compile, for each of the other kernels. */
  readonly problems: readonly KernelProblem[];
}

/**
 * What `program`, with its prelude, does on the most frequent builds of `hosts` whose types this controller
 * knows. Nothing if there is no such build.
 */
export type DeriveEffects = (
  program: string,
  hosts: readonly { readonly facts: HostFacts }[],
) => Promise<ProgramOnKernels>;

/** What a request declares if nobody says and no kernel is known: hosts refuse a program that writes. */
const UNKNOWN_EFFECT: Effect = 'call';

/**
 * The effect that a request for `program` has to declare: the largest of the derived ones, and at least
 * `wanted`, which therefore only ever raises it. Without derived ones it is `wanted`; or `deny` where the
 * program has that word; or `call`.
 */
export function effectToDeclare(
  wanted: Effect | undefined,
  { effects: derived, program }: { readonly effects: readonly DerivedEffect[]; readonly program: string },
): Effect {
  if (derived.length === 0) return wanted ?? (saysDeny(program) ? 'deny' : UNKNOWN_EFFECT);
  return derived.reduce(
    (largest, { effect }) => (exceedsEffect(effect, largest) ? effect : largest),
    wanted ?? EFFECTS[0],
  );
}
