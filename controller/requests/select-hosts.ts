import { type HostFacts, hostFactsCodec } from '../../shared/messages/index.ts';
import { lookUpIn, parseSelector, selectorMatches } from '../../shared/targets/index.ts';
import type { HostRecord } from '../store/index.ts';

/** A known host with its facts decoded. */
export interface KnownHost {
  readonly record: HostRecord;
  readonly facts: HostFacts;
}

/** `record` with its facts decoded. */
export function knownHost(record: HostRecord): KnownHost {
  return { record, facts: hostFactsCodec.decode(record.facts) };
}

/**
 * What selectors find of a known host: its name, the labels that it was enrolled with, and what it says of
 * its kernel.
 *
 * Threat: a host that gives itself the labels of others gets their calls. What it says of its labels is
 * shown, not used; and each host looks at its own labels too, so a controller cannot widen a request either.
 * See `lookUpIn` for its facts.
 */
export function lookUpInKnown({ record: { host, labels }, facts }: KnownHost) {
  return lookUpIn({ host, labels, facts: () => facts });
}

/** The hosts among `known` that `selector` means. Throws SELECTOR_INVALID where it cannot be read. */
export function selectHosts(selector: string, known: readonly HostRecord[]): readonly KnownHost[] {
  const parsed = parseSelector(selector);
  return known.map(knownHost).filter(host => selectorMatches(parsed, lookUpInKnown(host)));
}
