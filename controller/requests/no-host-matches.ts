import { FarcallError } from '../../shared/errors/index.ts';
import { FACT_NAMES, isFactName } from '../../shared/messages/index.ts';
import {
  formatSelector,
  namesIn,
  parseSelector,
  type Selector,
  selectorMatches,
} from '../../shared/targets/index.ts';
import type { HostRecord } from '../store/index.ts';
import { type KnownHost, knownHost, lookUpInKnown } from './select-hosts.ts';

/** Most hosts, and most labels, that a message lists. */
const LISTED_HOSTS = 5;
const LISTED_LABELS = 40;

/**
 * The error for a selector that matches no host. Its message lists names that no host has, the hosts that
 * fail only one condition and how they fail it, and the labels that exist.
 */
export function noHostMatches(selector: string, known: readonly HostRecord[]): FarcallError {
  if (known.length === 0) {
    return new FarcallError(
      'NOT_FOUND',
      `no host matches '${selector}': no host has said hello to this controller yet`,
    );
  }
  const parsed = parseSelector(selector);
  const hosts = known.map(knownHost);
  const parts = [unknownLabels(parsed, hosts), nearMisses(parsed, hosts), labelsThereAre(hosts)];
  return new FarcallError('NOT_FOUND', `no host matches '${selector}'; ${parts.filter(Boolean).join('; ')}`);
}

function unknownLabels(selector: Selector, hosts: readonly KnownHost[]): string {
  const known = new Set(hosts.flatMap(({ record }) => Object.keys(record.labels)));
  const unknown = [...namesIn(selector)].filter(name => !isFactName(name) && !known.has(name));
  if (unknown.length === 0) return '';
  return `no host has the label ${unknown.join(' or ')}, and facts are called ${FACT_NAMES.join(', ')}`;
}

/** Hosts that fail exactly one of several conditions. */
function nearMisses(selector: Selector, hosts: readonly KnownHost[]): string {
  if (selector.kind !== 'and') return '';
  const near = hosts.flatMap(host => {
    const failing = selector.of.filter(part => !selectorMatches(part, lookUpInKnown(host)));
    return failing.length === 1 ? [`${host.record.host} fails ${whyNot(failing[0]!, host)}`] : [];
  });
  if (near.length === 0) return '';
  const more = near.length > LISTED_HOSTS ? ` and ${near.length - LISTED_HOSTS} more` : '';
  return `near misses: ${near.slice(0, LISTED_HOSTS).join(', ')}${more}`;
}

function whyNot(part: Selector, host: KnownHost): string {
  const lookUp = lookUpInKnown(host);
  const has = [...namesIn(part)].map(name => {
    const value = lookUp(name);
    return value === undefined ? `no ${name}` : `${name} is ${[value].flat().join(', ') || 'empty'}`;
  });
  return `${formatSelector(part)} (${has.join(', ')})`;
}

function labelsThereAre(hosts: readonly KnownHost[]): string {
  const pairs = hosts.flatMap(({ record: { labels, host } }) =>
    Object.entries({ ...labels, host }).map(([label, value]) => `${label}=${value}`),
  );
  const labels = [...new Set(pairs)].sort();
  const listed = labels.slice(0, LISTED_LABELS).join(', ');
  const more = labels.length > LISTED_LABELS ? ` and ${labels.length - LISTED_LABELS} more` : '';
  return `the labels are ${listed}${more}`;
}
