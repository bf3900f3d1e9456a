import {
  FACT_NAMES,
  FINAL_STATES,
  type HostView,
  hostFactsCodec,
  isFactName,
  type RequestSummary,
} from '../../../shared/messages/index.ts';
import { lookUpIn, type Target } from '../../../shared/targets/index.ts';
import { type Session, withSession } from '../context.ts';
import { labelList } from '../output/labels.ts';
import { type Asked, type Candidate, MOST_CANDIDATES } from './candidate.ts';

/** Longest that the controller has, in milliseconds: who presses TAB does not wait. */
const LIMIT_MS = 1000;

/** Of a large fleet so many hosts tell enough about its labels. */
const HOSTS_LOOKED_AT = 500;

/** Asks the controller one thing: one call, one token. */
export function asking<T>({ context, as }: Asked, work: (session: Session) => Promise<T>): Promise<T> {
  return withSession(context, { ...as, callLimitMs: LIMIT_MS }, work);
}

/** Requests by id; those that are not over come first. */
export async function requestIds(asked: Asked): Promise<readonly Candidate[]> {
  const { requests } = await asking(asked, ({ client }) => client.call('listRequests', { limit: 100 }));
  const isOver = ({ state }: RequestSummary): number => (FINAL_STATES.includes(state) ? 1 : 0);
  return requests
    .toSorted((one, other) => isOver(one) - isOver(other))
    .map(({ id, state, requester, reason }) => ({
      value: id,
      description: `${state}, ${requester}: ${reason}`,
    }));
}

/** People who made requests lately. */
export async function requesters(asked: Asked): Promise<readonly Candidate[]> {
  const { requests } = await asking(asked, ({ client }) => client.call('listRequests', { limit: 100 }));
  return [...new Set(requests.map(({ requester }) => requester))].sort().map(value => ({ value }));
}

/** Enrolments that can still be revoked. */
export async function enrolmentIds(asked: Asked): Promise<readonly Candidate[]> {
  const list = await asking(asked, ({ client }) => client.call('listEnrolments', {}));
  return list.enrolments
    .filter(({ state }) => state === 'open')
    .map(({ id, host, madeBy }) => ({ value: id, description: `${host}, by ${madeBy}` }));
}

/** Hosts by name. */
export async function hostNames(asked: Asked): Promise<readonly Candidate[]> {
  const hosts = await targetsOf(asked, hostsLike(asked.typed));
  return hosts.map(({ host, labels }) => ({ value: host, description: labelList(labels) }));
}

/** Selectors: labels and facts by name, then the values that hosts have, term by term. */
export async function selectors(asked: Asked): Promise<readonly Candidate[]> {
  const { head, term } = lastTerm(asked.typed);
  if (term.startsWith('@')) {
    const hosts = await targetsOf(asked, hostsLike(term.slice(1)));
    return hosts.map(({ host, labels }) => ({ value: `${head}@${host}`, description: labelList(labels) }));
  }
  const [, name, comparison] = /^([\w.-]+)(!=|=|~)/.exec(term) ?? [];
  if (name === undefined) return namesAt(head, await targetsOf(asked, '*'));
  const wide = isFactName(name) ? '*' : name;
  const counts = new Map<string, number>();
  for (const target of await targetsOf(asked, wide))
    for (const value of [lookUpIn(target)(name) ?? []].flat())
      counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([value, hosts]) => ({
      value: `${head}${name}${comparison}${value}`,
      description: hosts === 1 ? '1 host' : `${hosts} hosts`,
    }));
}

/** Splits a selector before the term that is being typed: behind the last of , | ! and ( . */
function lastTerm(typed: string): { readonly head: string; readonly term: string } {
  const at = Math.max(...[',', '|', '(', ' '].map(sign => typed.lastIndexOf(sign))) + 1;
  const negated = typed[at] === '!' ? at + 1 : at;
  return { head: typed.slice(0, negated), term: typed.slice(negated) };
}

function namesAt(head: string, targets: readonly Target[]): Candidate[] {
  const labels = [...new Set(targets.flatMap(target => Object.keys(target.labels)))].sort();
  return [
    ...labels.map(name => ({ value: `${head}${name}=`, description: 'label' })),
    ...FACT_NAMES.map(name => ({ value: `${head}${name}=`, description: 'fact' })),
  ];
}

function hostsLike(typed: string): string {
  return /^[a-z0-9-]+$/.test(typed) ? `host=${typed}*` : '*';
}

async function targetsOf(asked: Asked, selector: string): Promise<readonly Target[]> {
  return asking(asked, async ({ client }) => {
    const targets: Target[] = [];
    try {
      for await (const view of client.stream('listHosts', { selector }, LIMIT_MS)) {
        targets.push(targetOf(view));
        if (targets.length >= Math.max(HOSTS_LOOKED_AT, MOST_CANDIDATES)) break;
      }
    } catch (thrown) {
      // What came in time will do.
      if (targets.length === 0) throw thrown;
    }
    return targets;
  });
}

function targetOf({ facts, labels }: HostView): Target {
  const decoded = hostFactsCodec.decode(facts);
  return { host: decoded.host, labels, facts: () => decoded };
}
