import type { Clock } from '../../shared/clock/index.ts';
import { type CallRequest, callRequestCodec } from '../../shared/messages/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { parseSelector, selectorMatches } from '../../shared/targets/index.ts';
import { waveOfJoiner } from '../../shared/waves/index.ts';
import type { Logger } from '../log/index.ts';
import type { JoinerStore } from '../store/index.ts';
import { type KnownHost, lookUpInKnown, selectHosts } from './select-hosts.ts';

/** What {@link admitJoiner} needs. */
export interface JoinerDeps {
  readonly joiners: JoinerStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Has the open requests that take late joiners expect `host`, where they mean it and were made before it came: from then on
 * an outcome is due for it as for every other, its result counts, and it gets the order of the wave that its number falls
 * in. A host that a request does not expect gets none handed out, and its result would be refused. False where the host
 * is not known yet: it has not said hello.
 *
 * Threat: somebody adds machines to what was approved. Late joiners are allowed by the signed bytes, or they are not; each
 * host looks at that too, and at when it was set up itself.
 */
export async function admitJoiner({ joiners, clock, log }: JoinerDeps, host: string): Promise<boolean> {
  const joiner = await joiners.find(host);
  if (!joiner) return false;
  for (const { id, bytes, digest } of await joiners.requestsBefore(joiner, clock.nowMs())) {
    const request = callRequestCodec.decode(bytes);
    const [known] = request.lateJoiners ? selectHosts(request.selector, [joiner.record]) : [];
    const wave = known && (await waveFor(joiners, { id, request, digest, known }));
    if (!wave) continue;
    const { kernelRelease, arch } = known.facts;
    if (await joiners.add(id, { host, kernelRelease, arch, wave }))
      log.info({ request: id, host }, 'a late joiner is expected from now on');
  }
  return true;
}

interface Joining {
  readonly id: string;
  readonly request: CallRequest;
  readonly digest: Uint8Array;
  readonly known: KnownHost;
}

/** The wave whose order reaches the host; undefined where none does. */
async function waveFor(
  joiners: JoinerStore,
  { id, request, digest, known }: Joining,
): Promise<number | undefined> {
  const specs = rolloutOf(request).waves;
  const slices = await joiners.slicesOf(id);
  const waves = slices.map((slice, index) => ({
    ...{ number: index + 1, slice, selector: specs[index]?.selector },
  }));
  const matches = (selector: string): boolean =>
    selectorMatches(parseSelector(selector), lookUpInKnown(known));
  return waveOfJoiner(waves, { requestDigest: digest, host: { host: known.record.host }, matches });
}
