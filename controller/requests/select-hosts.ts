import { type HostFacts, hostFactsCodec } from '../../shared/messages/index.ts';
import { lookupIn, parseSelector, selectorMatches } from '../../shared/targets/index.ts';
import type { HostRecord } from '../store/index.ts';

/** What selectors look at in the record of a host. */
export type SelectableHost = Pick<HostRecord, 'host' | 'labels' | 'facts'>;

/** A known host with its facts decoded. */
export interface KnownHost<R extends SelectableHost = HostRecord> {
  readonly record: R;
  readonly facts: HostFacts;
}

/** `record` with its facts decoded. */
export function knownHost<R extends SelectableHost>(record: R): KnownHost<R> {
  return { record, facts: hostFactsCodec.decode(record.facts) };
}

/**
 * The values of a host that selectors compare: its name, the labels that it was enrolled with, and the facts
 * that it reports about its kernel.
 *
 * Threat: a host that gives itself the labels of others gets their calls. The labels that a host reports are
 * shown, not used. Each host checks its own labels too, so a controller cannot widen a request either. See
 * `lookupIn` for facts.
 */
export function lookUpInKnown({ record: { host, labels }, facts }: KnownHost<SelectableHost>) {
  return lookupIn({ host, labels, facts: () => facts });
}

/** The hosts among `known` that `selector` matches. Throws SELECTOR_INVALID if it cannot be parsed. */
export function selectHosts(selector: string, known: readonly HostRecord[]): readonly KnownHost[] {
  const parsed = parseSelector(selector);
  return known.map(record => knownHost(record)).filter(host => selectorMatches(parsed, lookUpInKnown(host)));
}
