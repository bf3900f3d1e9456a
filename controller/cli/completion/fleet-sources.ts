import {
  FACT_NAMES,
  FINAL_STATES,
  type HostView,
  hostFactsCodec,
  isFactName,
  type RequestState,
  type RequestSummary,
} from '../../../shared/messages/index.ts';
import { lookupIn, type Target } from '../../../shared/targets/index.ts';
import { labelList } from '../../views/index.ts';
import { type Session, withSession } from '../session/index.ts';
import { CANDIDATES_LIMIT, type CompletionInput, type ShellCandidate } from './candidate.ts';

/** How long the controller may take, in milliseconds. A person who presses TAB does not wait longer. */
const LIMIT_MS = 1000;

/** How many hosts are read. Even in a large fleet, so many hosts show nearly all labels. */
const HOSTS_READ = 500;

/** Runs `work` as the operator of the command line, with a short time limit. `work` makes one call. */
export function withCompletionSession<T>(
  { context, operator }: CompletionInput,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return withSession(context, { ...operator, callLimitMs: LIMIT_MS }, work);
}

/** The states in which something can be done to a request. Every other command takes any request. */
const STATES_FOR: Readonly<Record<string, readonly RequestState[]>> = {
  approve: ['pending'],
  reject: ['pending', 'approved', 'rejected'],
  withdraw: ['pending', 'rejected', 'approved'],
  abort: ['pending', 'rejected', 'approved', 'dispatched'],
  pause: ['pending', 'rejected', 'approved', 'dispatched'],
  resume: ['pending', 'rejected', 'approved', 'dispatched'],
  promote: ['dispatched'],
  retry: ['dispatched', 'finished'],
};

/** Request ids that the command can do something to. Requests that are not over come first. */
export async function requestIds(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const states = STATES_FOR[input.command] ?? [];
  const { requests } = await withCompletionSession(input, ({ client }) =>
    client.call('listRequests', { limit: 100, states: [...states] }),
  );
  const isOver = ({ state }: RequestSummary): number => (FINAL_STATES.includes(state) ? 1 : 0);
  return requests
    .toSorted((one, other) => isOver(one) - isOver(other))
    .map(({ id, state, requester, reason }) => ({
      value: id,
      description: `${state}, ${requester}: ${reason}`,
    }));
}

/** The emergencies that lack reviews. */
export async function emergencyIds(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const { emergencies } = await withCompletionSession(input, ({ client }) =>
    client.call('listEmergencies', {}),
  );
  return emergencies.map(({ request: { id, requester, reason } }) => ({
    value: id,
    description: `${requester}: ${reason}`,
  }));
}

/** The people who made the latest requests. */
export async function requesters(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const { requests } = await withCompletionSession(input, ({ client }) =>
    client.call('listRequests', { limit: 100 }),
  );
  return [...new Set(requests.map(({ requester }) => requester))].sort().map(value => ({ value }));
}

/** The enrolments that can still be revoked. */
export async function enrolmentIds(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const list = await withCompletionSession(input, ({ client }) => client.call('listEnrolments', {}));
  return list.enrolments
    .filter(({ state }) => state === 'open')
    .map(({ id, host, madeBy }) => ({ value: id, description: `${host}, by ${madeBy}` }));
}

/** Host names. */
export async function hostNames(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const hosts = await targetsOf(input, hostsLike(input.typed));
  return hosts.map(({ host, labels }) => ({ value: host, description: labelList(labels) }));
}

/** Selectors, term by term: first the names of labels and facts, then the values that hosts have. */
export async function selectors(input: CompletionInput): Promise<readonly ShellCandidate[]> {
  const { head, term } = lastTerm(input.typed);
  if (term.startsWith('@')) {
    const hosts = await targetsOf(input, hostsLike(term.slice(1)));
    return hosts.map(({ host, labels }) => ({ value: `${head}@${host}`, description: labelList(labels) }));
  }
  const [, name, comparison] = /^([\w.-]+)(!=|=|~)/.exec(term) ?? [];
  if (name === undefined) return namesAt(head, await targetsOf(input, '*'));
  const selector = isFactName(name) ? '*' : name;
  const counts = new Map<string, number>();
  for (const target of await targetsOf(input, selector))
    for (const value of [lookupIn(target)(name) ?? []].flat())
      counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([value, hosts]) => ({
      value: `${head}${name}${comparison}${value}`,
      description: hosts === 1 ? '1 host' : `${hosts} hosts`,
    }));
}

/** Splits a selector before the term that is being typed, which begins after the last of , | ( and !. */
function lastTerm(typed: string): { readonly head: string; readonly term: string } {
  const at = Math.max(...[',', '|', '(', ' '].map(sign => typed.lastIndexOf(sign))) + 1;
  const negated = typed[at] === '!' ? at + 1 : at;
  return { head: typed.slice(0, negated), term: typed.slice(negated) };
}

function namesAt(head: string, targets: readonly Target[]): ShellCandidate[] {
  const labels = [...new Set(targets.flatMap(target => Object.keys(target.labels)))].sort();
  return [
    ...labels.map(name => ({ value: `${head}${name}=`, description: 'label' })),
    ...FACT_NAMES.map(name => ({ value: `${head}${name}=`, description: 'fact' })),
  ];
}

function hostsLike(typed: string): string {
  return /^[a-z0-9-]+$/.test(typed) ? `host=${typed}*` : '*';
}

async function targetsOf(input: CompletionInput, selector: string): Promise<readonly Target[]> {
  return withCompletionSession(input, async ({ client }) => {
    const targets: Target[] = [];
    try {
      for await (const view of client.stream('listHosts', { selector }, LIMIT_MS)) {
        targets.push(targetOf(view));
        if (targets.length >= Math.max(HOSTS_READ, CANDIDATES_LIMIT)) break;
      }
    } catch (thrown) {
      // The hosts that came in time are enough.
      if (targets.length === 0) throw thrown;
    }
    return targets;
  });
}

function targetOf({ facts, labels }: HostView): Target {
  const decoded = hostFactsCodec.decode(facts);
  return { host: decoded.host, labels, facts: () => decoded };
}
