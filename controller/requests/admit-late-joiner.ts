import type { Clock } from '../../shared/clock/index.ts';
import type { CallRequest } from '../../shared/messages/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { parseSelector, selectorMatches } from '../../shared/targets/index.ts';
import { waveOfLateJoiner } from '../../shared/waves/index.ts';
import type { Logger } from '../log/index.ts';
import type { ExpectedHost, LateJoiner, LateJoinerStore, RequestRecord } from '../store/index.ts';
import { type KnownHost, lookUpInKnown, selectHosts } from './select-hosts.ts';

/** The stores and services that {@link admitLateJoiner} uses. */
export interface JoinerDeps {
  readonly lateJoiners: LateJoinerStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Adds `host` to the open requests that take late joiners, that were made before the host came, and whose
 * selector matches it. From then on its outcome is due as that of every other host, its result counts, and it
 * gets the order of the wave that its number falls in. A host that a request does not expect gets no order,
 * and its result is refused.
 *
 * False if the host has not said hello yet.
 *
 * Threat: somebody adds machines to what was approved. The signed bytes allow late joiners or they do not;
 * each host checks that too, and the time at which it was set up itself.
 */
export async function admitLateJoiner(
  { lateJoiners, clock, log }: JoinerDeps,
  host: string,
): Promise<boolean> {
  const joiner = await lateJoiners.find(host);
  if (!joiner) return false;
  for (const record of await lateJoiners.requestsBefore(joiner, clock.nowMs())) {
    const { request } = record;
    const expected = request.lateJoiners && (await expectedHost(lateJoiners, { joiner, record, request }));
    if (expected && (await lateJoiners.add(record.id, expected, 'late')))
      log.info({ request: record.id, host }, 'a late joiner is expected from now on');
  }
  return true;
}

/**
 * Adds `host` to a request that it answers although it was not expected: it was enrolled before the request
 * was made, and its facts match the selector only since (it booted another kernel, or said its first hello).
 * A host compares the selector with its facts when the order comes, so it was right to run it, and its result
 * has to be accounted for. False if the selector does not match, or if the host was enrolled later.
 *
 * Threat: an attacker who controls a host adds it to a request. That adds nothing but its own answer.
 */
export async function admitAnswering(
  { lateJoiners, log }: Pick<JoinerDeps, 'lateJoiners' | 'log'>,
  record: RequestRecord,
  host: string,
): Promise<boolean> {
  const joiner = await lateJoiners.find(host);
  const { request } = record;
  if (!joiner || joiner.enrolledAtMs > request.createdAtMs) return false;
  const expected = await expectedHost(lateJoiners, { joiner, record, request });
  if (!expected || !(await lateJoiners.add(record.id, expected, 'answers'))) return false;
  log.warn({ request: record.id, host }, 'a host that was not expected answers, and is counted');
  return true;
}

/**
 * The host as the request would expect it; undefined if the selector does not match it or if no order reaches
 * it.
 */
async function expectedHost(
  lateJoiners: LateJoinerStore,
  { joiner, record: { id, digest }, request }: Candidate,
): Promise<ExpectedHost | undefined> {
  const [known] = selectHosts(request.selector, [joiner.record]);
  const wave = known && (await waveFor(lateJoiners, { id, request, digest, known }));
  if (!wave) return undefined;
  const { kernelRelease, arch } = known.facts;
  return { host: joiner.record.host, kernelRelease, arch, wave };
}

interface Candidate {
  readonly joiner: LateJoiner;
  readonly record: RequestRecord;
  readonly request: CallRequest;
}

interface Joining {
  readonly id: string;
  readonly request: CallRequest;
  readonly digest: Uint8Array;
  readonly known: KnownHost;
}

/** The wave whose order reaches the host; undefined if none does. */
async function waveFor(
  lateJoiners: LateJoinerStore,
  { id, request, digest, known }: Joining,
): Promise<number | undefined> {
  const specs = rolloutOf(request).waves;
  const slices = await lateJoiners.slicesOf(id);
  const waves = slices.map((slice, index) => ({
    ...{ number: index + 1, slice, selector: specs[index]?.selector },
  }));
  const matches = (selector: string): boolean =>
    selectorMatches(parseSelector(selector), lookUpInKnown(known));
  return waveOfLateJoiner(waves, { requestDigest: digest, host: { host: known.record.host }, matches });
}
