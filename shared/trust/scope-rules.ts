import { type FarcallError, toFarcallError } from '../errors/index.ts';
import { isFactName } from '../messages/index.ts';
import { namesIn, parseSelector } from '../targets/index.ts';
import type { TrustBundle } from './bundle.ts';
import type { Scope } from './scope-schema.ts';

type Fail = (what: string) => FarcallError;

/**
 * Checks teams, scopes and seats of a bundle. Throws what `fail` makes of the first problem.
 *
 * Threats answered:
 * 1. A name that nobody has, in a team or scope: a limit that was meant for somebody limits nobody. So each
 *    name must be that of a requester or approver, or of a team, and have the right that the scope limits.
 * 2. A scope that names facts of hosts, such as `kernel~6.1`: a host that was taken over would decide who may
 *    approve for it.
 * 3. Seats that are never needed, or that no team can fill: a protection that does not protect, or a bundle
 *    that locks everyone out.
 */
export function checkScopeRules(bundle: TrustBundle, fail: Fail): void {
  checkTeams(bundle, fail);
  for (const [index, scope] of (bundle.scopes ?? []).entries())
    checkScope(scope, bundle, what => fail(`scopes.${index}: ${what}`));
  checkSeats(bundle, fail);
}

function checkTeams({ teams = [], requesters, approvers }: TrustBundle, fail: Fail): void {
  const people = new Set([...requesters, ...approvers].map(({ name }) => name));
  const names = new Set<string>();
  for (const { name, members } of teams) {
    if (names.has(name)) throw fail(`teams: ${name} is named twice`);
    names.add(name);
    if (new Set(members).size !== members.length) throw fail(`teams.${name}: somebody is named twice`);
    const stranger = members.find(member => !people.has(member));
    if (stranger !== undefined)
      throw fail(`teams.${name}: ${stranger} is neither a requester nor an approver`);
  }
}

function checkScope(scope: Scope, bundle: TrustBundle, fail: Fail): void {
  const { may, person, team, hosts } = scope;
  if ((person === undefined) === (team === undefined)) throw fail('it must name one person or one team');
  const role = may === 'request' ? bundle.requesters : bundle.approvers;
  if (person !== undefined && !role.some(({ name }) => name === person))
    throw fail(`${person} is none of the ${may === 'request' ? 'requesters' : 'approvers'}`);
  if (team !== undefined && !bundle.teams?.some(({ name }) => name === team))
    throw fail(`there is no team ${team}`);
  if (hosts !== undefined) checkHosts(hosts, fail);
}

function checkHosts(text: string, fail: Fail): void {
  const fact = [...namesOf(text, fail)].find(name => isFactName(name) && name !== 'host');
  if (fact !== undefined)
    throw fail(`hosts: '${fact}' is a statement of the host itself; a scope takes labels and names of hosts`);
}

function namesOf(text: string, fail: Fail): ReadonlySet<string> {
  try {
    return namesIn(parseSelector(text));
  } catch (thrown) {
    throw fail(`hosts: ${toFarcallError(thrown).message}`);
  }
}

function checkSeats({ thresholds, teams = [], approvers }: TrustBundle, fail: Fail): void {
  const approving = new Set(approvers.map(({ name }) => name));
  for (const [policy, { call, write, teams: seats = {} }] of Object.entries(thresholds)) {
    const counts = Object.values(seats);
    const sum = counts.reduce((total, count) => total + count, 0);
    if (sum > Math.min(call, write))
      throw fail(
        `thresholds.${policy}: ${sum} seats of teams are more than the approvals for a call or write`,
      );
    for (const [team, count] of Object.entries(seats)) {
      const members = teams.find(({ name }) => name === team)?.members;
      if (!members) throw fail(`thresholds.${policy}.teams: there is no team ${team}`);
      const able = members.filter(member => approving.has(member)).length;
      if (able < count)
        throw fail(
          `thresholds.${policy}.teams: ${count} of ${team} can never approve; ${able} of them are approvers`,
        );
    }
  }
}
