import { FarcallError } from '../../../../shared/errors/index.ts';
import { EFFECTS, POLICIES } from '../../../../shared/messages/index.ts';
import type { Scope, ScopedRight, Team, TrustBundle } from '../../../../shared/trust/index.ts';
import { parseNumber } from '../../core/index.ts';

/** What a scope of `farcall trust scope` covers; an empty list is no limit. */
export interface ScopeOptions {
  readonly may: string;
  readonly policy: readonly string[];
  readonly effect: readonly string[];
  readonly hosts?: string;
  readonly function: readonly string[];
}

/** `bundle` with one scope more for `who`: NAME or `team:NAME`. Throws CONFIG_INVALID. */
export function addScope(bundle: TrustBundle, who: string, options: ScopeOptions): TrustBundle {
  const { policy, effect, hosts, function: functions } = options;
  const scope: Scope = {
    may: rightNamed(options.may),
    ...holderNamed(who),
    ...(policy.length > 0 && { policies: policy.map(name => oneOf('--policy', POLICIES, name)) }),
    ...(effect.length > 0 && { effects: effect.map(name => oneOf('--effect', EFFECTS, name)) }),
    ...(hosts !== undefined && { hosts }),
    ...(functions.length > 0 && { functions: [...functions] }),
  };
  if (policy.length + effect.length + functions.length === 0 && hosts === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      'a scope needs a limit: --policy, --effect, --hosts or --function; --remove takes all limits away',
    );
  return withScopes(bundle, [...(bundle.scopes ?? []), scope]);
}

/** `bundle` without the scopes that limit this right of `who`. Throws CONFIG_INVALID if there are none. */
export function removeScopes(bundle: TrustBundle, who: string, may: string): TrustBundle {
  const right = rightNamed(may);
  const { person, team } = holderNamed(who);
  const left = (bundle.scopes ?? []).filter(
    scope => scope.may !== right || scope.person !== person || scope.team !== team,
  );
  if (left.length === (bundle.scopes ?? []).length)
    throw new FarcallError(
      'CONFIG_INVALID',
      `no scope limits what ${who} may ${right}; see farcall trust show`,
    );
  return withScopes(bundle, left);
}

/** What changes in a team. */
export interface TeamOptions {
  readonly member: readonly string[];
  /** Each is POLICY=N. */
  readonly seats: readonly string[];
}

/**
 * `bundle` with members added to a team, which is made if it is new, and with its seats. Throws
 * CONFIG_INVALID.
 */
export function addToTeam(bundle: TrustBundle, name: string, { member, seats }: TeamOptions): TrustBundle {
  const teams = bundle.teams ?? [];
  const before = teams.find(team => team.name === name);
  const members = [...new Set([...(before?.members ?? []), ...member])];
  if (members.length === 0)
    throw new FarcallError('CONFIG_INVALID', `--member: the new team ${name} needs at least one member`);
  const team: Team = { name, members };
  const edited = before ? teams.map(each => (each === before ? team : each)) : [...teams, team];
  return seats.reduce((left, value) => withSeats(left, name, value), withTeams(bundle, edited));
}

/**
 * `bundle` without these members of a team; without the team itself, its scopes and its seats if none are
 * named. Throws CONFIG_INVALID if there is no such team or member.
 */
export function removeFromTeam(bundle: TrustBundle, name: string, gone: readonly string[]): TrustBundle {
  const teams = bundle.teams ?? [];
  const team = teams.find(each => each.name === name);
  const stranger = gone.find(member => !team?.members.includes(member));
  if (!team || stranger !== undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      `there is no ${stranger ?? 'team'} ${stranger ? 'in ' : ''}${name}`,
    );
  const members = team.members.filter(member => !gone.includes(member));
  if (gone.length > 0 && members.length > 0)
    return withTeams(
      bundle,
      teams.map(each => (each === team ? { name, members } : each)),
    );
  const left = withTeams(
    bundle,
    teams.filter(each => each !== team),
  );
  const scopes = (left.scopes ?? []).filter(scope => scope.team !== name);
  return POLICIES.reduce(
    (edited, policy) => withSeats(edited, name, `${policy}=0`),
    withScopes(left, scopes),
  );
}

/** `bundle` without people who have no role any more in its teams, and without their scopes. */
export function withoutStrangers(bundle: TrustBundle): TrustBundle {
  const requesting = new Set(bundle.requesters.map(({ name }) => name));
  const approving = new Set(bundle.approvers.map(({ name }) => name));
  const teams = (bundle.teams ?? []).map(({ name, members }) => ({
    name,
    members: members.filter(member => requesting.has(member) || approving.has(member)),
  }));
  const scopes = (bundle.scopes ?? []).filter(
    ({ may, person }) => person === undefined || (may === 'request' ? requesting : approving).has(person),
  );
  return withScopes(withTeams(bundle, teams), scopes);
}

function withTeams({ teams: _before, ...bundle }: TrustBundle, teams: readonly Team[]): TrustBundle {
  return teams.length > 0 ? { ...bundle, teams: [...teams] } : bundle;
}

function withScopes({ scopes: _before, ...bundle }: TrustBundle, scopes: readonly Scope[]): TrustBundle {
  return scopes.length > 0 ? { ...bundle, scopes: [...scopes] } : bundle;
}

/**
 * `value` is POLICY=N; with 0 the team has no seat. A policy that the bundle lacks is an error, except with
 * 0.
 */
function withSeats(bundle: TrustBundle, team: string, value: string): TrustBundle {
  const [name = '', text = ''] = value.split('=');
  const policy = oneOf('--seats', POLICIES, name);
  const count = parseNumber('--seats', text, { least: 0, most: 64 });
  const before = bundle.thresholds[policy];
  if (!before) {
    if (count === 0) return bundle;
    throw new FarcallError('CONFIG_INVALID', `--seats: the bundle has no thresholds for ${policy}`);
  }
  const { teams: seats = {}, ...numbers } = before;
  const left = Object.entries(seats).filter(([each]) => each !== team);
  const edited = count > 0 ? [...left, [team, count] as const] : left;
  const changed = edited.length > 0 ? { ...numbers, teams: Object.fromEntries(edited) } : numbers;
  return { ...bundle, thresholds: { ...bundle.thresholds, [policy]: changed } };
}

function holderNamed(who: string): Pick<Scope, 'person' | 'team'> {
  return who.startsWith('team:') ? { team: who.slice('team:'.length) } : { person: who };
}

function rightNamed(may: string): ScopedRight {
  return oneOf('--may', ['request', 'approve'], may);
}

function oneOf<T extends string>(option: string, names: readonly T[], name: string): T {
  const found = names.find(each => each === name);
  if (found !== undefined) return found;
  throw new FarcallError('CONFIG_INVALID', `${option}: '${name}' is not one of ${names.join(', ')}`);
}
