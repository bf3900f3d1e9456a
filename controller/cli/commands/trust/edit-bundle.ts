import { FarcallError } from '../../../../shared/errors/index.ts';
import { EFFECTS, type Effect, POLICIES, type Policy } from '../../../../shared/messages/index.ts';
import { keyId } from '../../../../shared/tokens/index.ts';
import { siteOf, type TrustBundle } from '../../../../shared/trust/index.ts';
import { parseDuration } from '../../../views/index.ts';
import { parseNumber, parseTime } from '../../core/index.ts';
import { withoutStrangers } from './edit-scopes.ts';
import { type MemberKey, type NamedKeys, readMembers, readPasskeyMembers } from './members.ts';

/**
 * Options that name members. A value for `add` is NAME=PUBLIC_JWK_FILE. A value for `remove` is NAME or
 * NAME=KEY_ID.
 */
export interface MemberOptions {
  readonly root: readonly string[];
  readonly controller: readonly string[];
  readonly requester: readonly string[];
  readonly approver: readonly string[];
}

/** Options that set thresholds and the expiry. */
export interface SettingOptions {
  /** Each value is N, POLICY=N or POLICY.EFFECT=N. */
  readonly threshold: readonly string[];
  readonly rootThreshold?: string;
  readonly expires?: string;
}

/** The period in which the added keys are valid. */
export interface ValidityOptions {
  readonly validFrom?: string;
  readonly validUntil?: string;
}

/**
 * `bundle` with the members of `options` added. A key that it already has gets the new dates. Throws
 * CONFIG_INVALID.
 */
export function addMembers(
  bundle: TrustBundle,
  options: MemberOptions & ValidityOptions,
  nowMs: number,
): TrustBundle {
  const dates = {
    ...(options.validFrom && { notBeforeMs: parseTime('--valid-from', options.validFrom, nowMs) }),
    ...(options.validUntil && { notAfterMs: parseTime('--valid-until', options.validUntil, nowMs) }),
  };
  const dated = <K extends MemberKey>(members: readonly NamedKeys<K>[]) =>
    members.map(({ name, keys }) => ({ name, keys: keys.map(key => ({ ...key, ...dates })) }));
  const controllers = dated(readMembers('--controller', options.controller));
  const requesters = dated(readPasskeyMembers('--requester', options.requester));
  const approvers = dated(readPasskeyMembers('--approver', options.approver));
  const roots = readMembers('--root', options.root);
  return {
    ...bundle,
    controllers: merged(bundle.controllers, controllers),
    requesters: merged(bundle.requesters, requesters),
    approvers: merged(bundle.approvers, approvers),
    roots: { ...bundle.roots, members: merged(bundle.roots.members, roots) },
  };
}

function merged<K extends MemberKey>(
  before: readonly { readonly name: string; readonly keys: readonly K[] }[],
  added: readonly { readonly name: string; readonly keys: readonly K[] }[],
): { name: string; keys: K[] }[] {
  const byName = new Map(before.map(({ name, keys }) => [name, [...keys]]));
  for (const { name, keys } of added) {
    const fresh = new Set(keys.map(keyId));
    const kept = (byName.get(name) ?? []).filter(key => !fresh.has(keyId(key)));
    byName.set(name, [...kept, ...keys]);
  }
  return [...byName].map(([name, keys]) => ({ name, keys }));
}

/** `bundle` without the members of `options`. Throws CONFIG_INVALID if it does not have one of them. */
export function removeMembers(
  bundle: TrustBundle,
  options: MemberOptions & { readonly policy: readonly string[] },
): TrustBundle {
  const left = { ...bundle, thresholds: { ...bundle.thresholds } };
  left.controllers = without(bundle.controllers, '--controller', options.controller);
  left.requesters = without(bundle.requesters, '--requester', options.requester);
  left.approvers = without(bundle.approvers, '--approver', options.approver);
  left.roots = { ...bundle.roots, members: without(bundle.roots.members, '--root', options.root) };
  for (const name of options.policy) delete left.thresholds[policyNamed('--policy', name)];
  return withoutStrangers(left);
}

function without<K extends MemberKey, M extends { name: string; keys: K[] }>(
  members: readonly M[],
  option: string,
  values: readonly string[],
): M[] {
  let left = [...members];
  for (const value of values) {
    const [name, kid] = value.split('=');
    const member = left.find(each => each.name === name);
    if (!member || (kid !== undefined && !member.keys.some(key => keyId(key) === kid)))
      throw new FarcallError(
        'CONFIG_INVALID',
        `${option}: there is no ${value} in that role; see farcall trust show`,
      );
    const keys = kid === undefined ? [] : member.keys.filter(key => keyId(key) !== kid);
    left = left.flatMap(each => (each !== member ? [each] : keys.length > 0 ? [{ ...each, keys }] : []));
  }
  return left;
}

/** `bundle` with the thresholds and the expiry of `options`. Throws CONFIG_INVALID. */
export function applySettings(bundle: TrustBundle, options: SettingOptions, nowMs: number): TrustBundle {
  const thresholds = { ...bundle.thresholds };
  for (const value of options.threshold) {
    const { policy, effects, approvals } = parseThreshold(value);
    const before = thresholds[policy] ?? { read: approvals, call: approvals, write: approvals };
    const changed = Object.fromEntries(effects.map(effect => [effect, approvals]));
    const { watch, deny, ...all } = { ...before, ...changed };
    // What is said for every effect is said for watches by what a call needs, and for denies by a write.
    thresholds[policy] =
      effects.length > 1
        ? all
        : { ...all, ...(watch !== undefined && { watch }), ...(deny !== undefined && { deny }) };
  }
  return {
    ...bundle,
    thresholds,
    roots:
      options.rootThreshold === undefined
        ? bundle.roots
        : { ...bundle.roots, threshold: parseThresholdNumber('--root-threshold', options.rootThreshold, 1) },
    expiresAtMs:
      options.expires === undefined
        ? bundle.expiresAtMs
        : nowMs + parseDuration('--expires', options.expires),
  };
}

/** `bundle` with the site that its roots make, if it is a first version; later versions keep their site. */
export function beginSite(bundle: TrustBundle): TrustBundle {
  return bundle.version === 1 ? { ...bundle, site: siteOf(bundle.roots, bundle.siteLabel) } : bundle;
}

interface ThresholdChange {
  readonly policy: Policy;
  readonly effects: readonly Effect[];
  readonly approvals: number;
}

/**
 * `2` is for every effect of standard, `emergency=1` for every effect of that policy, `standard.read=0` for
 * one effect.
 */
function parseThreshold(value: string): ThresholdChange {
  const [, policy = 'standard', effect, text = ''] =
    /^(?:([a-z]+)(?:\.([a-z]+))?=)?([^=]*)$/.exec(value) ?? [];
  if (effect !== undefined && !EFFECTS.some(name => name === effect))
    throw new FarcallError('CONFIG_INVALID', `--threshold: '${effect}' is not one of ${EFFECTS.join(', ')}`);
  const approvals = parseThresholdNumber('--threshold', text, effect === 'read' ? 0 : 1);
  const effects = effect === undefined ? EFFECTS : [effect as Effect];
  return { policy: policyNamed('--threshold', policy), effects, approvals };
}

function policyNamed(option: string, name: string): Policy {
  const policy = POLICIES.find(each => each === name);
  if (policy) return policy;
  throw new FarcallError(
    'CONFIG_INVALID',
    `${option}: '${name}' is not a policy; the policies are ${POLICIES.join(', ')}`,
  );
}

/** The largest threshold. */
const THRESHOLD_LIMIT = 99;

function parseThresholdNumber(option: string, text: string, least: number): number {
  return parseNumber(option, text, { least, most: THRESHOLD_LIMIT });
}
