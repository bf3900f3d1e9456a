import { FarcallError } from '../errors/index.ts';
import { type AnyPublicJwk, keyId, publicKeyOf, shortSite } from '../tokens/index.ts';
import type { Roots, TrustBundle } from './bundle.ts';
import { checkScopeRules } from './scope-rules.ts';
import { siteOf } from './site.ts';

interface Member {
  readonly name: string;
  readonly keys: readonly AnyPublicJwk[];
}

type Fail = (what: string) => FarcallError;

/**
 * Checks the rules between the members of a bundle. Throws TRUST_INVALID naming the two that conflict.
 *
 * Threats answered:
 * 1. One name twice in a role, or one key under two names anywhere: a person would count twice, or approve
 *    their own request under their other name. A person may have several roles and several keys, but a key
 *    has one name.
 * 2. A root key in any other role. Root keys are offline; a key that is used every day can be stolen, and
 *    with it a root's signature.
 * 3. A controller that is also a person, by key or by name: a stolen controller would have an approval, and
 *    approvals are what it must not have.
 * 4. Thresholds that cannot be reached: a bundle that locks everyone out, published by mistake.
 * 5. A bundle or key that ends before it begins, and a key with other dates in one role than in another:
 *    readers could disagree about which dates are valid.
 * 6. A passkey that is no point of its curve, whose credential id is in the bundle twice, or whose key is
 *    also one in a file: a passkey signs only after its person was verified, and the other entry would let
 *    it sign without that.
 * 7. Teams and scopes: see `checkScopeRules`.
 * 8. An effect that needs fewer approvals than a smaller one: a program that reads would be declared as one
 *    that writes, which it may be, so that fewer people had to approve it.
 * 9. A first bundle that names a site other than that of its own roots, so that what is signed there counts
 *    at the other. Later versions have the site of the version before (`evaluateBundle`).
 */
export function checkBundleRules(bundle: TrustBundle, origin: string): void {
  const fail: Fail = what => new FarcallError('TRUST_INVALID', `${origin}: ${what}`);
  const { roots, controllers, requesters, approvers } = bundle;
  if (bundle.issuedAtMs >= bundle.expiresAtMs) throw fail('it expires before it is issued');
  checkRootsRules(roots, fail);
  const people = [...requesters, ...approvers];
  for (const [role, members] of Object.entries({ controllers, requesters, approvers }))
    refuseRepeats(members, role, fail);
  refuseTwoOwners([...roots.members, ...controllers, ...people], fail);
  refuseSharedKeys(roots.members, [...controllers, ...people], 'a root key may do nothing else', fail);
  refuseSharedKeys(controllers, people, 'a controller cannot be a person', fail);
  refuseSharedNames(controllers, [...roots.members, ...people], fail);
  checkValidities([...controllers, ...people], fail);
  checkPasskeys([...controllers, ...people], fail);
  refuseUnreachable(bundle, fail);
  refuseCheaperEffects(bundle, fail);
  checkScopeRules(bundle, fail);
  checkEmergencyRules(bundle, fail);
  checkFirstSite(bundle, fail);
}

/**
 * Checks the rules among roots alone, for a file of roots without a bundle. Throws what `fail` makes of the
 * problem.
 */
export function checkRootsRules({ threshold, members }: Roots, fail: Fail): void {
  refuseRepeats(members, 'roots', fail);
  refuseTwoOwners(members, fail);
  if (threshold > members.length)
    throw fail(`roots.threshold: ${threshold} can never be reached with ${members.length} roots`);
}

function refuseRepeats(members: readonly Member[], role: string, fail: Fail): void {
  const names = new Set<string>();
  for (const { name, keys } of members) {
    if (names.has(name)) throw fail(`${role}: ${name} is named twice`);
    names.add(name);
    if (new Set(keys.map(keyId)).size !== keys.length) throw fail(`${role}: ${name} has one key twice`);
  }
}

function refuseTwoOwners(members: readonly Member[], fail: Fail): void {
  const owners = new Map<string, string>();
  for (const { name, keys } of members) {
    for (const kid of keys.map(keyId)) {
      const other = owners.get(kid);
      if (other !== undefined && other !== name) throw fail(`${other} and ${name} have the same key ${kid}`);
      owners.set(kid, name);
    }
  }
}

function refuseSharedKeys(some: readonly Member[], others: readonly Member[], why: string, fail: Fail): void {
  const taken = new Set(others.flatMap(({ keys }) => keys.map(keyId)));
  for (const { name, keys } of some) {
    const kid = keys.map(keyId).find(each => taken.has(each));
    if (kid !== undefined) throw fail(`${name}'s key ${kid} is in another role too: ${why}`);
  }
}

function refuseSharedNames(some: readonly Member[], others: readonly Member[], fail: Fail): void {
  const names = new Set(others.map(({ name }) => name));
  const shared = some.find(({ name }) => names.has(name));
  if (shared) throw fail(`${shared.name} is in another role too: a controller cannot be a person`);
}

function checkValidities(members: TrustBundle['approvers'], fail: Fail): void {
  const seen = new Map<string, string>();
  for (const { name, keys } of members) {
    for (const { notBeforeMs = 0, notAfterMs = Number.POSITIVE_INFINITY, ...jwk } of keys) {
      if (notBeforeMs >= notAfterMs) throw fail(`a key of ${name} ends before it begins`);
      const [kid, dates] = [keyId(jwk), `${notBeforeMs} ${notAfterMs}`];
      if ((seen.get(kid) ?? dates) !== dates)
        throw fail(`${name}'s key ${kid} has different dates in two roles`);
      seen.set(kid, dates);
    }
  }
}

function checkPasskeys(members: TrustBundle['approvers'], fail: Fail): void {
  const credentials = new Map<string, string>();
  const uses = new Map<string, string>();
  for (const { name, keys } of members) {
    for (const { notBeforeMs: _from, notAfterMs: _until, ...jwk } of keys) {
      const kid = keyId(jwk);
      const use = JSON.stringify('passkey' in jwk ? jwk.passkey : null);
      if ((uses.get(kid) ?? use) !== use)
        throw fail(`${name}'s key ${kid} is a passkey in one role and not in another`);
      uses.set(kid, use);
      if (!('passkey' in jwk)) continue;
      const { credentialId } = jwk.passkey;
      if ((credentials.get(credentialId) ?? kid) !== kid)
        throw fail(`${name}'s passkey ${kid} has the credential id of another passkey`);
      credentials.set(credentialId, kid);
      if (!isPoint(jwk)) throw fail(`${name}'s passkey ${kid} is no point of ${jwk.crv}`);
    }
  }
}

function isPoint(jwk: AnyPublicJwk): boolean {
  try {
    publicKeyOf(jwk);
    return true;
  } catch {
    return false;
  }
}

/** Threat: an emergency that too few people can review, since those who were in it may not. */
function checkEmergencyRules({ emergency, thresholds, approvers }: TrustBundle, fail: Fail): void {
  if (!emergency) return;
  if (!thresholds.emergency) throw fail('emergency: there are no thresholds for the policy emergency');
  const { call, write } = thresholds.emergency;
  const left = approvers.length - Math.max(call, write);
  if (left < emergency.reviewers)
    throw fail(
      `emergency.reviewers: ${emergency.reviewers} can never be reached; ${Math.max(0, left)} approvers are left who did not approve`,
    );
}

function checkFirstSite({ version, site, siteLabel, roots }: TrustBundle, fail: Fail): void {
  const own = siteOf(roots, siteLabel);
  if (version === 1 && site !== own)
    throw fail(`site: its roots make it the site ${shortSite(own)}, and it says ${shortSite(site)}`);
}

function refuseUnreachable({ thresholds, approvers }: TrustBundle, fail: Fail): void {
  for (const [policy, { read, call, write, deny = write }] of Object.entries(thresholds)) {
    const most = Math.max(read, call, write, deny);
    if (most > approvers.length)
      throw fail(`thresholds.${policy}: ${most} can never be reached with ${approvers.length} approvers`);
  }
}

function refuseCheaperEffects({ thresholds }: TrustBundle, fail: Fail): void {
  for (const [policy, { read, watch, call, write, deny = write }] of Object.entries(thresholds)) {
    if (watch !== undefined && (watch < read || watch > call))
      throw fail(
        `thresholds.${policy}: a watch needs ${watch} approvals, which must lie between a read's ${read} and a call's ${call}`,
      );
    if (call < read) throw fail(`thresholds.${policy}: a call needs ${call} approvals, and a read ${read}`);
    if (write < call)
      throw fail(`thresholds.${policy}: a write needs ${write} approvals, and a call ${call}`);
    if (deny < write)
      throw fail(`thresholds.${policy}: a deny needs ${deny} approvals, and a write ${write}`);
  }
}
