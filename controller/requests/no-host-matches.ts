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
import { type KnownHost, knownHost, lookUpInKnown, type SelectableHost } from './select-hosts.ts';

/** Most hosts, and most labels, that a message lists. */
const LISTED_HOSTS = 5;
const LISTED_LABELS = 40;

/** The error for a selector that matches no host; see {@link whyNoHostMatches}. */
export function noHostMatches(selector: string, known: readonly HostRecord[]): FarcallError {
  return new FarcallError('NOT_FOUND', whyNoHostMatches(selector, known));
}

/**
 * Why a selector matches none of `known`: the names that no host has, and which of them are hosts; the hosts
 * that fail only one condition, and how they fail it; comparisons with nothing; and the labels that exist.
 */
export function whyNoHostMatches(selector: string, known: readonly SelectableHost[]): string {
  if (known.length === 0)
    return `no host matches '${selector}': no host has said hello to this controller yet`;
  const parsed = parseSelector(selector);
  const hosts = known.map(record => knownHost(record));
  const parts = [
    ...[unknownLabels(parsed, hosts), namesOfHosts(parsed, hosts), emptyComparison(selector)],
    ...[nearMisses(parsed, hosts), labelsThereAre(hosts)],
  ];
  return `no host matches '${selector}'; ${parts.filter(Boolean).join('; ')}`;
}

/** A bare name in a selector is a label; people often mean the host. */
function namesOfHosts(selector: Selector, hosts: readonly KnownHost<SelectableHost>[]): string {
  const named = [...namesIn(selector)].filter(name => hosts.some(({ record }) => record.host === name));
  return named.map(name => `${name} is a host: write @${name}`).join('; ');
}

/** A comparison without a value: `env=`. */
const WITHOUT_VALUE = /(?:^|[,|(!\s])([\w.-]+)=(?=$|[,|)\s])/;

function emptyComparison(selector: string): string {
  const [, label] = WITHOUT_VALUE.exec(selector) ?? [];
  return label === undefined
    ? ''
    : `'${label}=' matches hosts whose ${label} is empty, and '${label}' every host that has it`;
}

function unknownLabels(selector: Selector, hosts: readonly KnownHost<SelectableHost>[]): string {
  const known = new Set(hosts.flatMap(({ record }) => Object.keys(record.labels)));
  const unknown = [...namesIn(selector)].filter(name => !isFactName(name) && !known.has(name));
  if (unknown.length === 0) return '';
  return `no host has the label ${unknown.join(' or ')}, and facts are called ${FACT_NAMES.join(', ')}`;
}

/** Hosts that fail exactly one of several conditions. */
function nearMisses(selector: Selector, hosts: readonly KnownHost<SelectableHost>[]): string {
  if (selector.kind !== 'and') return '';
  const near = hosts.flatMap(host => {
    const failing = selector.of.filter(part => !selectorMatches(part, lookUpInKnown(host)));
    return failing.length === 1 ? [`${host.record.host} fails ${whyNot(failing[0]!, host)}`] : [];
  });
  if (near.length === 0) return '';
  const more = near.length > LISTED_HOSTS ? ` and ${near.length - LISTED_HOSTS} more` : '';
  return `near misses: ${near.slice(0, LISTED_HOSTS).join(', ')}${more}`;
}

function whyNot(part: Selector, host: KnownHost<SelectableHost>): string {
  const lookUp = lookUpInKnown(host);
  const has = [...namesIn(part)].map(name => {
    const value = lookUp(name);
    return value === undefined ? `no ${name}` : `${name} is ${[value].flat().join(', ') || 'empty'}`;
  });
  return `${formatSelector(part)} (${has.join(', ')})`;
}

function labelsThereAre(hosts: readonly KnownHost<SelectableHost>[]): string {
  const pairs = hosts.flatMap(({ record: { labels, host } }) =>
    Object.entries({ ...labels, host }).map(([label, value]) => `${label}=${value}`),
  );
  const labels = [...new Set(pairs)].sort();
  const listed = labels.slice(0, LISTED_LABELS).join(', ');
  const more = labels.length > LISTED_LABELS ? ` and ${labels.length - LISTED_LABELS} more` : '';
  return `the labels are ${listed}${more}`;
}
