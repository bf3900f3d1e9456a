import { FarcallError } from '../errors/index.ts';
import { globMatches } from '../glob/index.ts';
import type { CallRequest } from '../messages/index.ts';
import { lookupIn, parseSelector, type Selector, selectorMatches } from '../targets/index.ts';
import type { TrustBundle } from './bundle.ts';
import type { Scope, ScopedRight } from './scope-schema.ts';

/** The name of a host, and its labels as it was enrolled with them. */
export interface ScopedHost {
  readonly host: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What somebody asks for or approves, as far as it is known where the question is asked. */
export interface ScopedAct {
  readonly request: Pick<CallRequest, 'policy' | 'effect' | 'indirectCalls'>;
  /** The hosts that it is for; absent where no host is looked at. */
  readonly hosts?: readonly ScopedHost[];
  /** Names of the functions that the program calls; absent as long as it is not compiled. */
  readonly callees?: readonly string[];
}

/**
 * Why `person` may not ask for or approve `act`, as the end of a sentence about them; undefined if they may.
 * A person whom no scope names may do what their role allows. If scopes name them, or a team of theirs, one
 * of these scopes must cover the policy, the effect and all functions, for each host.
 *
 * Threat: a person with a right to something uses it for everything: the keys of a database administrator are
 * stolen, and with them the kernel of each web server is changed. Each host asks this question itself, about
 * itself, with the labels of its own enrolment; so a controller cannot answer it otherwise. The effect is the
 * declared one, and a program that does more is refused where it is compiled.
 */
export function outsideScope(
  bundle: Pick<TrustBundle, 'teams' | 'scopes'>,
  who: { readonly person: string; readonly may: ScopedRight },
  act: ScopedAct,
): string | undefined {
  const scopes = scopesOf(bundle, who);
  if (scopes.length === 0) return undefined;
  for (const host of act.hosts ?? [undefined]) {
    const reasons = scopes.map(scope => uncovered(scope, act, host));
    const [first] = reasons;
    if (first !== undefined && !reasons.includes(undefined))
      return scopes.length === 1 ? first : `${first}; none of their ${scopes.length} scopes covers it`;
  }
  return undefined;
}

/**
 * Why `person` may not decide about the host itself, as the end of a sentence about them; undefined if they
 * may. A person who may approve only for some hosts decides about these alone.
 */
export function outsideHostScope(
  bundle: Pick<TrustBundle, 'teams' | 'scopes'>,
  person: string,
  host: ScopedHost,
): string | undefined {
  const hosts = scopesOf(bundle, { person, may: 'approve' }).map(scope => scope.hosts);
  if (hosts.length === 0 || hosts.some(text => text === undefined || hostFits(text, host))) return undefined;
  return `${host.host} is outside their scope, which is hosts ${hosts.join(' and hosts ')}`;
}

/**
 * Checks that `person` may lock, unlock, enrol, remove or let go on this host. Throws SCOPE_EXCEEDED.
 *
 * Threat: the key of somebody who approves for database servers is stolen, and takes the web servers out of
 * the fleet, lets them in under other names, or lets one go on that its owners hold back.
 */
export function requireHostInScope(
  bundle: Pick<TrustBundle, 'teams' | 'scopes'>,
  person: string,
  host: ScopedHost,
): void {
  const outside = outsideHostScope(bundle, person, host);
  if (outside !== undefined)
    throw new FarcallError('SCOPE_EXCEEDED', `${person} may not decide about this host: ${outside}`);
}

/** The scopes that limit this right of this person: those of their own, and those of their teams. */
function scopesOf(
  { teams = [], scopes = [] }: Pick<TrustBundle, 'teams' | 'scopes'>,
  { person, may }: { readonly person: string; readonly may: ScopedRight },
): readonly Scope[] {
  const isMember = (team: string | undefined): boolean =>
    teams.some(({ name, members }) => name === team && members.includes(person));
  return scopes.filter(scope => scope.may === may && (scope.person === person || isMember(scope.team)));
}

/** What of `act` the scope does not cover, on `host`; undefined if it covers all of it. */
function uncovered(scope: Scope, act: ScopedAct, host: ScopedHost | undefined): string | undefined {
  const { policy, effect, indirectCalls } = act.request;
  if (scope.policies && !scope.policies.includes(policy))
    return `the policy ${policy} is outside their scope`;
  if (scope.effects && !scope.effects.includes(effect)) return `the effect ${effect} is outside their scope`;
  if (host && scope.hosts !== undefined && !hostFits(scope.hosts, host))
    return `${host.host} is outside their scope, which is hosts ${scope.hosts}`;
  const patterns = scope.functions;
  // What a pointer holds has no name beforehand, so only a scope over all functions covers it.
  if (indirectCalls && patterns && !patterns.includes('*'))
    return 'indirect calls are outside their scope, which names functions';
  const other = patterns && act.callees?.find(name => !patterns.some(each => globMatches(each, name)));
  return other === undefined ? undefined : `the function ${other} is outside their scope`;
}

const parsed = new Map<string, Selector>();

/** Selectors that are kept parsed; more than bundles of one process have. */
const PARSED_LIMIT = 4096;

function hostFits(text: string, { host, labels }: ScopedHost): boolean {
  let selector = parsed.get(text);
  if (!selector) {
    if (parsed.size >= PARSED_LIMIT) parsed.clear();
    selector = parseSelector(text);
    parsed.set(text, selector);
  }
  return selectorMatches(selector, lookupIn({ host, labels, facts: noFacts }));
}

/** The rules of a bundle refuse a scope that names a fact. */
function noFacts(): never {
  throw new TypeError('a scope names a fact of a host');
}
