import { FarcallError } from '../../shared/errors/index.ts';
import { type HostFacts, hostFactsCodec } from '../../shared/messages/index.ts';
import { parseSelector, selectorMatches } from '../../shared/targets/index.ts';
import type { HostRecord } from '../store/index.ts';

/** Most labels that a message lists. */
const LISTED_LABELS = 40;

/** A known host with its facts decoded. */
export interface KnownHost {
  readonly record: HostRecord;
  readonly facts: HostFacts;
}

/** The hosts among `known` that `selector` means. Throws SELECTOR_INVALID where it cannot be read. */
export function selectHosts(selector: string, known: readonly HostRecord[]): readonly KnownHost[] {
  const parsed = parseSelector(selector);
  return known.map(withFacts).filter(({ record }) => selectorMatches(parsed, labelsOf(record)));
}

/** The error for a selector that means no host: it says which labels there are. */
export function noHostMatches(selector: string, known: readonly HostRecord[]): FarcallError {
  if (known.length === 0) {
    return new FarcallError(
      'NOT_FOUND',
      `no host matches '${selector}': no host has said hello to this controller yet`,
    );
  }
  const pairs = known.flatMap(record =>
    Object.entries(labelsOf(record)).map(([label, value]) => `${label}=${value}`),
  );
  const labels = [...new Set(pairs)].sort();
  const listed = labels.slice(0, LISTED_LABELS).join(', ');
  const more = labels.length > LISTED_LABELS ? ` and ${labels.length - LISTED_LABELS} more` : '';
  return new FarcallError('NOT_FOUND', `no host matches '${selector}'; the labels are ${listed}${more}`);
}

/**
 * A host's labels as selectors see them: those it was enrolled with, and its name as `host`, which nothing can override.
 *
 * Threat: a host that gives itself the labels of others gets their calls. What it says of its labels is shown, not used;
 * and each host looks at its own labels too, so a controller cannot widen a request either.
 */
export function labelsOf({ host, labels }: HostRecord): Readonly<Record<string, string>> {
  return { ...labels, host };
}

function withFacts(record: HostRecord): KnownHost {
  return { record, facts: hostFactsCodec.decode(record.facts) };
}
