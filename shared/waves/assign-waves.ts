import { FarcallError } from '../errors/index.ts';
import type { Rollout, WaveSpec } from '../messages/index.ts';
import { formatWave } from '../rollout/index.ts';
import { inSlice, type Slice, sliceNumber, WHOLE } from '../targets/index.ts';

/** One wave and its hosts. */
export interface AssignedWave {
  /** From 1. */
  readonly number: number;
  /** A host is reached by the order of the wave if its number is in this slice and it matches `selector`. */
  readonly slice: Slice;
  /** Undefined if the wave has none; then every host matches. */
  readonly selector: string | undefined;
  /** How many expected hosts are in the wave. */
  readonly hosts: number;
}

/** The wave of each expected host. */
export interface Assignment {
  readonly waves: readonly AssignedWave[];
  /** Number of the wave by the name of the host. Every expected host is in it. */
  readonly waveOf: ReadonlyMap<string, number>;
}

/** The request and the expected hosts, by reference. */
export interface AssignOptions<Host extends { readonly host: string }> {
  readonly rollout: Rollout;
  /** SHA-256 of the request's bytes. */
  readonly requestDigest: Uint8Array;
  /** The expected hosts. */
  readonly hosts: readonly Host[];
  /** Whether a host matches a selector, by its labels and facts at this moment. */
  readonly matches: (selector: string, host: Host) => boolean;
}

interface Numbered<Host> {
  readonly host: Host;
  readonly number: number;
}

const END = WHOLE.to;

/**
 * Gives each expected host its wave. The hosts are ordered by their numbers for this request (`sliceNumber`),
 * which are random and the same for everyone who computes them. Each wave takes the first of the hosts that
 * remain and that match its selector, if it has one. Hosts with equal numbers stay together. Throws
 * ROLLOUT_INVALID if hosts remain, or if a wave with a selector takes none.
 *
 * The slice and the selector of a wave reach all of its hosts, and besides them only hosts of earlier waves.
 * So an order never runs on a host whose wave has not begun.
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
 * Number of the first wave whose order reaches `host`, which joined after the request was made; undefined if
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

/** The first `size` of `hosts`, and those after them that have the same number as the last. */
function takeFirst<Host>(hosts: readonly Numbered<Host>[], size: number): readonly Numbered<Host>[] {
  let end = Math.min(size, hosts.length);
  while (end > 0 && end < hosts.length && hosts[end]?.number === hosts[end - 1]?.number) end++;
  return hosts.slice(0, end);
}

function emptyWave(number: number, spec: WaveSpec): FarcallError {
  return new FarcallError(
    'ROLLOUT_INVALID',
    `wave ${number} takes no host: no remaining host matches '${formatWave(spec)}'`,
  );
}

function leftOver(left: number, all: number): FarcallError {
  return new FarcallError(
    'ROLLOUT_INVALID',
    `no wave takes ${left} of the ${all} hosts; end with the wave 'rest'`,
  );
}
