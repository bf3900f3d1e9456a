import {
  inputOf,
  permittedOf,
  type RecordedBuild,
  recordBuild,
  TEXT_START,
} from '../../agent/compiler/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { type BuildFacts, buildFactsCodec, type Effect, exceedsEffect } from '../../shared/messages/index.ts';
import { checkAddresses } from './address-bounds.ts';
import { kernelFactsOf } from './kernel-facts.ts';

/** A program, the facts of a kernel and a module name, from which a module is derived. */
export interface ModuleToDerive {
  /** Of the stored request, never what a host sent. */
  readonly program: string;
  readonly moduleName: string;
  /** Of the stored request; FUEL_DEFAULT if it has none. */
  readonly fuel?: number | undefined;
  /** Encoded BuildFacts, as a host sent them. */
  readonly facts: Uint8Array;
}

/** A module that was made here. */
export interface DerivedModule {
  readonly image: Uint8Array;
  readonly arch: string;
  readonly vermagic: string;
  /** The most that the program can do on this kernel, as the compiler found it. */
  readonly effect: Effect;
  /** Names of the functions that the program calls. */
  readonly callees: readonly string[];
  /** Whether it calls through pointers, or passes them on, whose functions it does not name. */
  readonly indirectCalls: boolean;
  /** The facts about the build of the kernel; see `kernelFactsOf`. */
  readonly kernelFacts: ReadonlyMap<string, string>;
}

/**
 * Compiles the program of a request again, from what a host says of its kernel.
 *
 * Threats: facts that are more than the program needs could hide something; so the facts that this
 * compilation looks at must be, byte for byte, those that were sent. Facts that cannot be: see
 * `checkAddresses`. Throws SIGNING_REFUSED, and what the compiler throws.
 */
export function deriveModule({ program, moduleName, fuel, facts: bytes }: ModuleToDerive): DerivedModule {
  const facts = buildFactsCodec.decode(bytes);
  const textStart = textStartOf(facts);
  checkAddresses(facts, textStart);
  const build = recordBuild(inputOf(facts), program, moduleName, permittedOf(facts), fuel);
  if (!Buffer.from(buildFactsCodec.encode(renumbered(build.facts, facts))).equals(bytes))
    throw new FarcallError(
      'SIGNING_REFUSED',
      'the host sent other facts of its kernel than the program uses; check that agent and controller have one version',
    );
  return {
    image: build.call.image,
    arch: facts.arch,
    vermagic: facts.vermagic,
    effect: effectOf(build.call),
    callees: build.call.callees.map(({ name }) => name),
    indirectCalls: build.call.indirectCalls.length > 0,
    kernelFacts: kernelFactsOf(facts, build, textStart),
  };
}

/** A program that calls a function does at least a `call`, also where it writes nothing. */
function effectOf({ effect, callees }: RecordedBuild['call']): Effect {
  return callees.length > 0 && exceedsEffect('call', effect) ? 'call' : effect;
}

function textStartOf({ symbols }: BuildFacts): bigint {
  const found = symbols.find(({ name, variants }) => name === TEXT_START && !variants)?.found[0];
  if (found) return BigInt(`0x${found.address}`);
  throw new FarcallError('SIGNING_REFUSED', `the host does not say where ${TEXT_START} is`);
}

/**
 * What was recorded over a slice counts its types from 1; their true numbers are those that the slice came
 * with.
 */
function renumbered(recorded: BuildFacts, sent: BuildFacts): BuildFacts {
  const withIds = (types: BuildFacts['types'], { ids }: BuildFacts['types']): BuildFacts['types'] => {
    if (types.ids.length !== ids.length || !ascending(ids))
      throw new FarcallError('SIGNING_REFUSED', 'the host sent types that the program does not use');
    return { ...types, ids };
  };
  return {
    ...recorded,
    types: withIds(recorded.types, sent.types),
    modules: recorded.modules.map((each, index) => {
      const same = sent.modules[index];
      return same ? { ...each, types: withIds(each.types, same.types) } : each;
    }),
  };
}

function ascending(ids: readonly number[]): boolean {
  return ids.every((id, index) => id > (ids[index - 1] ?? 0));
}
