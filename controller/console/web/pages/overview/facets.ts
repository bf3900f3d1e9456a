import type { HostJson } from '../../api/index.ts';

/** The properties by which the fleet is counted. */
export const FACETS = ['kernel', 'arch', 'signing', 'seen'] as const;

/** One of {@link FACETS}. */
export type Facet = (typeof FACETS)[number];

/** The selected group of each facet. */
export type Selected = Readonly<Partial<Record<Facet, string>>>;

/** Title and explanation of each facet. */
export const FACET_TEXT: Readonly<Record<Facet, { readonly title: string; readonly hint: string }>> = {
  kernel: { title: 'Kernel', hint: 'uname -r' },
  arch: { title: 'Architecture', hint: 'uname -m' },
  signing: { title: 'Modules', hint: 'which the kernel loads' },
  seen: { title: 'Last seen', hint: 'a heartbeat every 20 s' },
};

const MINUTE_MS = 60_000;

const SEEN: readonly (readonly [name: string, limitMs: number])[] = [
  ['within a minute', MINUTE_MS],
  ['within 10 minutes', 10 * MINUTE_MS],
  ['within an hour', 60 * MINUTE_MS],
  ['within a day', 24 * 60 * MINUTE_MS],
  ['longer ago', Infinity],
];

/** The group of a facet to which a host belongs. */
export function groupOf(facet: Facet, host: HostJson, nowMs: number): string {
  switch (facet) {
    case 'kernel':
      return host.kernelRelease;
    case 'arch':
      return host.arch;
    case 'signing':
      return signingOf(host);
    case 'seen':
      return SEEN.find(([, limitMs]) => nowMs - host.lastSeenAtMs <= limitMs)?.[0] ?? 'longer ago';
  }
}

/** Which modules the kernel of a host loads. */
export function signingOf({ modulesDisabled, sigEnforce, lockdown }: HostJson): string {
  if (modulesDisabled) return 'none: loading is off';
  if (lockdown === 'integrity' || lockdown === 'confidentiality') return `signed only: lockdown ${lockdown}`;
  return sigEnforce ? 'signed only' : 'any';
}

/** How many hosts are in each group, largest first; groups by time in their own order. */
export function countsOf(
  facet: Facet,
  hosts: readonly HostJson[],
  nowMs: number,
): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const host of hosts) {
    const group = groupOf(facet, host, nowMs);
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  if (facet === 'seen')
    return SEEN.flatMap(([name]) => (counts.has(name) ? [[name, counts.get(name)!] as const] : []));
  return [...counts].sort(([one, many], [other, few]) => few - many || one.localeCompare(other));
}

/** The hosts that are in every selected group and have each word of the text in their name or labels. */
export function selectedHosts(
  hosts: readonly HostJson[],
  { selected, text, nowMs }: { readonly selected: Selected; readonly text: string; readonly nowMs: number },
): readonly HostJson[] {
  const groups = Object.entries(selected) as [Facet, string][];
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  if (groups.length === 0 && words.length === 0) return hosts;
  return hosts.filter(
    host =>
      groups.every(([facet, group]) => groupOf(facet, host, nowMs) === group) &&
      words.every(word => textOf(host).includes(word)),
  );
}

function textOf({ host, kernelRelease, labels }: HostJson): string {
  const labelText = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return `${host} ${kernelRelease} ${labelText.join(' ')}`.toLowerCase();
}
