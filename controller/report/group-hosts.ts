import type { OutcomeCount, ReportGroup, ReportKey, ReportView } from '../../shared/messages/index.ts';
import { OUTCOME_NAMES, type Outcome } from '../../shared/outcome/index.ts';
import type { ReportedHost } from './report-filter.ts';

/**
 * Most groups that are kept while counting; the hosts of all others are counted together, so that memory is
 * bounded.
 */
const COUNTED_GROUPS = 20_000;
const EXAMPLES = 8;

type Counted = Pick<
  ReportView,
  'outcomes' | 'waiting' | 'matchingHosts' | 'groups' | 'otherGroups' | 'otherHosts'
>;

/** Counts hosts in groups, one host after the other. */
export interface HostCounter {
  /** Counts a host; `matches` says whether the filter lets it through. */
  add(reported: ReportedHost, matches: boolean): void;
  counted(limit: number): Counted;
}

interface Group {
  readonly keys: Keys;
  hosts: number;
  readonly examples: string[];
}

type Keys = Omit<ReportGroup, 'hosts' | 'examples'>;

/** A counter that groups by `keys`. */
export function hostCounter(keys: readonly ReportKey[]): HostCounter {
  const byOutcome = new Map<Outcome | null, number>();
  const groups = new Map<string, Group>();
  let matchingHosts = 0;
  let uncounted = 0;
  return {
    add(reported, matches) {
      byOutcome.set(reported.outcome, (byOutcome.get(reported.outcome) ?? 0) + 1);
      if (!matches) return;
      matchingHosts += 1;
      const own = keysOf(reported, keys);
      const name = JSON.stringify(own);
      const group = groups.get(name) ?? (groups.size < COUNTED_GROUPS ? newGroup(own) : undefined);
      if (!group) {
        uncounted += 1;
        return;
      }
      groups.set(name, group);
      group.hosts += 1;
      if (group.examples.length < EXAMPLES) group.examples.push(reported.host);
    },
    counted(limit) {
      const sorted = [...groups.values()].sort(byHosts);
      const shown = sorted.slice(0, limit);
      const shownHosts = shown.reduce((sum, { hosts }) => sum + hosts, 0);
      return {
        outcomes: outcomesOf(byOutcome),
        waiting: byOutcome.get(null) ?? 0,
        matchingHosts,
        groups: shown.map(({ keys: own, hosts, examples }) => ({ ...own, hosts, examples })),
        otherGroups: sorted.length - shown.length + (uncounted > 0 ? 1 : 0),
        otherHosts: matchingHosts - shownHosts,
      };
    },
  };
}

function newGroup(keys: Keys): Group {
  return { keys, hosts: 0, examples: [] };
}

/** Order of groups: most hosts first; between equals, the group whose first example comes first. */
function byHosts(one: Group, other: Group): number {
  return other.hosts - one.hosts || ((one.examples[0] ?? '') < (other.examples[0] ?? '') ? -1 : 1);
}

function keysOf({ kernel, arch, wave, outcome, summary }: ReportedHost, keys: readonly ReportKey[]): Keys {
  const all: Keys = { ...summary, kernel, arch, wave, ...(outcome && { outcome }) };
  const own: Record<string, unknown> = {};
  for (const key of keys) {
    if (all[key] !== undefined) own[key] = all[key];
    if (key === 'value' && summary?.digest !== undefined) own['valueDigest'] = summary.digest;
  }
  return own;
}

function outcomesOf(byOutcome: ReadonlyMap<Outcome | null, number>): OutcomeCount[] {
  return OUTCOME_NAMES.map(outcome => ({ outcome, hosts: byOutcome.get(outcome) ?? 0 })).filter(
    ({ hosts }) => hosts > 0,
  );
}
