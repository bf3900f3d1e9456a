import { FarcallError } from '../errors/index.ts';
import type { Rollout, WaveSpec } from '../messages/index.ts';
import { formatWave } from '../rollout/index.ts';
import { inSlice, type Slice, sliceNumber, WHOLE } from '../targets/index.ts';

/** One wave with its hosts worked out. */
export interface AssignedWave {
  /** From 1. */
  readonly number: number;
  /** The hosts whose order this is have numbers in it, and match the wave's selector where it has one. */
  readonly slice: Slice;
  readonly selector: string | undefined;
  /** How many expected hosts it takes. */
  readonly hosts: number;
}

/** Which expected host is in which wave. */
export interface Assignment {
  readonly waves: readonly AssignedWave[];
  /** Number of the wave by host; every expected host is in it. */
  readonly waveOf: ReadonlyMap<string, number>;
}

/** What {@link assignWaves} goes by. */
export interface AssignOptions<Host extends { readonly host: string }> {
  readonly rollout: Rollout;
  /** SHA-256 of the request's bytes. */
  readonly requestDigest: Uint8Array;
  /** The expected hosts. */
  readonly hosts: readonly Host[];
  /** Whether a selector means a host, by its labels and facts of this moment. */
  readonly matches: (selector: string, host: Host) => boolean;
}

interface Numbered<Host> {
  readonly host: Host;
  readonly number: number;
}

const END = WHOLE.to;

/**
 * Gives each expected host its wave. The hosts stand in the order of their numbers for this request
 * (`sliceNumber`), which is random and the same for anyone who works it out; each wave takes from those that
 * are left, the first so many, of those that match where it has a selector. Hosts with equal numbers are
 * never split. Throws ROLLOUT_INVALID where hosts are left over, or where a selector takes none.
 *
 * What follows for the orders: the slice and the selector of a wave reach all of its hosts, and beside them
 * only hosts of waves before it, so that an order never runs on a host whose wave has not come.
 */
export function assignWaves<Host extends { readonly host: string }>(
  options: AssignOptions<Host>,
): Assignment {
  const { rollout, requestDigest, hosts, matches } = options;
  const waveOf = new Map<string, number>();
  const waves: AssignedWave[] = [];
  let left: readonly Numbered<Host>[] = hosts
    .map(host => ({ host, number: sliceNumber(requestDigest, host.host) }))
    .sort((one, other) => one.number - other.number || (one.host.host < other.host.host ? -1 : 1));
  let from = 0;
  for (const [index, spec] of rollout.waves.entries()) {
    const { selector } = spec;
    const number = index + 1;
    const fitting = selector === undefined ? left : left.filter(({ host }) => matches(selector, host));
    const taken = takeFirst(fitting, sizeOf(spec, hosts.length));
    if (selector !== undefined && taken.length === 0) throw emptyWave(number, spec);
    for (const { host } of taken) waveOf.set(host.host, number);
    const to = fitting[taken.length]?.number ?? END;
    waves.push({
      number,
      selector,
      hosts: taken.length,
      slice: selector === undefined ? { from, to: taken.length > 0 ? to : from } : { from: 0, to },
    });
    left = left.filter(({ host }) => !waveOf.has(host.host));
    // Where a wave without selector ends, the next one without begins: no number is in two of them.
    if (selector === undefined && taken.length > 0) from = to;
  }
  if (left.length > 0) throw leftOver(left.length, hosts.length);
  return { waves, waveOf };
}

/**
 * The first wave whose order reaches a host that nobody expected when the request was made; undefined where
 * none does.
 */
export function waveOfLateJoiner<Host extends { readonly host: string }>(
  waves: readonly Pick<AssignedWave, 'number' | 'slice' | 'selector'>[],
  {
    requestDigest,
    host,
    matches,
  }: Pick<AssignOptions<Host>, 'requestDigest' | 'matches'> & { readonly host: Host },
): number | undefined {
  return waves.find(
    ({ slice, selector }) =>
      inSlice(slice, requestDigest, host.host) && (selector === undefined || matches(selector, host)),
  )?.number;
}

/** How many hosts a wave may take. */
function sizeOf({ size }: WaveSpec, expectedHosts: number): number {
  if (size === 'rest') return expectedHosts;
  if (size.endsWith('%')) return Math.ceil((expectedHosts * Number(size.slice(0, -1))) / 100);
  return Number(size);
}

/** The first `size` of `hosts`, and those behind them with the same number as the last. */
function takeFirst<Host>(hosts: readonly Numbered<Host>[], size: number): readonly Numbered<Host>[] {
  let end = Math.min(size, hosts.length);
  while (end > 0 && end < hosts.length && hosts[end]?.number === hosts[end - 1]?.number) end++;
  return hosts.slice(0, end);
}

function emptyWave(number: number, spec: WaveSpec): FarcallError {
  return new FarcallError(
    'ROLLOUT_INVALID',
    `wave ${number} takes no host: none that is left matches '${formatWave(spec)}'`,
  );
}

function leftOver(left: number, all: number): FarcallError {
  return new FarcallError(
    'ROLLOUT_INVALID',
    `no wave takes ${left} of the ${all} hosts; end with the wave 'rest'`,
  );
}
