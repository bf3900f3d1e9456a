import type { CallRequest } from '../../shared/messages/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { parseSelector, selectorMatches } from '../../shared/targets/index.ts';
import { assignWaves } from '../../shared/waves/index.ts';
import type { NewRequest } from '../store/index.ts';
import { type KnownHost, lookUpInKnown } from './select-hosts.ts';

/**
 * The hosts with the wave of each, and the waves. Throws ROLLOUT_INVALID if the waves do not fit the hosts.
 */
export function inWaves(
  request: CallRequest,
  requestDigest: Uint8Array,
  selected: readonly KnownHost[],
): Pick<NewRequest, 'hosts' | 'rollout'> {
  const rollout = rolloutOf(request);
  const known = new Map(selected.map(each => [each.facts.host, each]));
  const { waves, waveOf } = assignWaves({
    ...{ rollout, requestDigest, hosts: selected.map(({ facts: { host } }) => ({ host })) },
    matches: (selector, { host }) =>
      selectorMatches(parseSelector(selector), lookUpInKnown(known.get(host)!)),
  });
  return {
    hosts: selected.map(({ facts: { host, kernelRelease, arch } }) => ({
      ...{ host, kernelRelease, arch, wave: waveOf.get(host) ?? 0 },
    })),
    rollout: {
      answerWithinMs: rollout.answerWithinMs,
      waves: waves.map(({ number, hosts, slice }) => {
        const watched = rollout.gate.health || (rollout.waves[number - 1]?.bakeMs ?? 0) > 0;
        return { hosts, slice, watched };
      }),
    },
  };
}
