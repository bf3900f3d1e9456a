import { type HostFacts, type HostView, hostFactsCodec } from '../../../../shared/messages/index.ts';
import { HOSTS, START_MS } from '../../../kit/cast.ts';
import { factsOf } from '../../../kit/host-statements.ts';

/** A host as the controller shows it: heard now, and well. */
export function hostViewOf(
  host: string,
  changes: Partial<HostView> = {},
  facts: Partial<HostFacts> = {},
): HostView {
  return {
    ...{ facts: hostFactsCodec.encode({ ...factsOf(HOSTS.one), host, ...facts }), kid: 'k'.repeat(43) },
    ...{ labels: {}, firstSeenAtMs: START_MS, lastSeenAtMs: Date.now(), droppedMessages: 0 },
    ...{ removalSigners: [], labelSigners: [], labelsNumber: 0 },
    ...changes,
  };
}
