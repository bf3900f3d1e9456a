import { keyId, sha256 } from '../../../../shared/tokens/index.ts';
import {
  emergencyRules,
  encodeTrustBundle,
  type RootCount,
  type Roots,
  type Scope,
  type TrustBundle,
} from '../../../../shared/trust/index.ts';
import { digestHex, formatDuration, formatTime, printable } from '../../../views/index.ts';
import type { MemberKey } from './members.ts';

type DatedKey = MemberKey & {
  readonly notBeforeMs?: number | undefined;
  readonly notAfterMs?: number | undefined;
};

/**
 * Everything in a bundle as facts: each has a subject and a value. Bundles with the same content have the
 * same facts.
 */
export function factsOf(bundle: TrustBundle): ReadonlyMap<string, string> {
  const facts = new Map<string, string>([
    ['site', siteText(bundle)],
    ['issued', formatTime(bundle.issuedAtMs)],
    ['expires', formatTime(bundle.expiresAtMs)],
    ['roots needed', String(bundle.roots.threshold)],
  ]);
  const roles = {
    root: bundle.roots.members,
    controller: bundle.controllers,
    requester: bundle.requesters,
    approver: bundle.approvers,
  };
  for (const [role, members] of Object.entries(roles)) {
    for (const { name, keys } of members)
      for (const key of keys as DatedKey[]) facts.set(`${role} ${name}, ${keyText(key)}`, validityText(key));
  }
  for (const [policy, { read, watch, call, write, deny, teams = {} }] of Object.entries(bundle.thresholds)) {
    facts.set(`approvals for ${policy} read`, String(read));
    facts.set(`approvals for ${policy} watch`, String(watch ?? `${call} (as a call)`));
    facts.set(`approvals for ${policy} call`, String(call));
    facts.set(`approvals for ${policy} write`, String(write));
    facts.set(`approvals for ${policy} deny`, String(deny ?? `${write} (as a write)`));
    for (const [team, count] of Object.entries(teams))
      facts.set(`approvals for ${policy} that must come from ${team}`, String(count));
  }
  if (bundle.thresholds.emergency) {
    const { ticket = 'none', reviewWithinMs, reviewers } = emergencyRules(bundle);
    facts.set('ticket in the reason of an emergency', ticket);
    facts.set('reviews of an emergency', `${reviewers} within ${formatDuration(reviewWithinMs)}`);
  }
  for (const { name, members } of bundle.teams ?? []) facts.set(`team ${name}`, members.join(', '));
  for (const [subject, value] of scopeFacts(bundle)) facts.set(subject, value);
  return facts;
}

/** All of the id, so that people can copy it into their configurations. */
function siteText({ site, siteLabel }: TrustBundle): string {
  return siteLabel === undefined ? site : `${siteLabel} (${site})`;
}

/** One fact for each scope; several of one person are numbered. */
function* scopeFacts({ scopes = [] }: TrustBundle): Generator<[string, string]> {
  const seen = new Map<string, number>();
  for (const scope of scopes) {
    const holder = `${scope.person ?? `team ${scope.team}`} may ${scope.may}`;
    const number = (seen.get(holder) ?? 0) + 1;
    seen.set(holder, number);
    yield [number === 1 ? holder : `${holder} (${number})`, scopeText(scope)];
  }
}

/** What a scope covers, as people read it: `effects read, call; hosts role=db`. */
export function scopeText({ policies, effects, hosts, functions }: Scope): string {
  const parts = [
    ...(policies ? [`policies ${policies.join(', ')}`] : []),
    ...(effects ? [`effects ${effects.join(', ')}`] : []),
    ...(hosts === undefined ? [] : [`hosts ${hosts}`]),
    ...(functions ? [`functions ${functions.join(', ')}`] : []),
  ];
  return parts.join('; ') || 'everything';
}

/** A passkey is shown with everything that it is bound to. A root must see which page may use it. */
function keyText(key: DatedKey): string {
  if (!('passkey' in key)) return `key ${keyId(key)}`;
  const { rpId, origins } = key.passkey;
  return `passkey ${keyId(key)} of ${rpId} at ${origins.join(' and ')}`;
}

function validityText({ notBeforeMs, notAfterMs }: DatedKey): string {
  const from = notBeforeMs === undefined ? [] : [`from ${formatTime(notBeforeMs)}`];
  const until = notAfterMs === undefined ? [] : [`until ${formatTime(notAfterMs)}`];
  return [...from, ...until].join(' ') || 'while the bundle is valid';
}

/** SHA-256 of the bytes that roots sign, as `sha256:` and hexadecimal digits. */
export function bundleDigest(bundle: TrustBundle): string {
  return digestHex(sha256(encodeTrustBundle(bundle)));
}

/** A bundle for people. */
export function renderBundle(bundle: TrustBundle, nowMs: number): string[] {
  const leftMs = bundle.expiresAtMs - nowMs;
  const validity = leftMs > 0 ? `valid for ${formatDuration(leftMs)} more` : 'EXPIRED';
  const lines = [`Trust bundle ${bundle.version}, ${validity}`, `  digest ${bundleDigest(bundle)}`];
  for (const [subject, value] of factsOf(bundle)) lines.push(`  ${subject}: ${value}`);
  return lines.map(line => printable(line));
}

/**
 * The changes from `current` to `bundle`, for the root who may sign it. Without `current`, all facts are new.
 */
export function renderChanges(bundle: TrustBundle, current: TrustBundle | undefined): string[] {
  const before = current ? factsOf(current) : new Map<string, string>();
  const after = factsOf(bundle);
  const removed = [...before].filter(([subject]) => !after.has(subject));
  const lines = removed.map(([subject, value]) => `  - ${subject}: ${value}`);
  for (const [subject, value] of after) {
    const old = before.get(subject);
    if (old === undefined) lines.push(`  + ${subject}: ${value}`);
    else if (old !== value) lines.push(`  ~ ${subject}: ${old} is now ${value}`);
  }
  const heading = current
    ? `Changes from version ${current.version}, ${bundleDigest(current)}:`
    : 'The whole bundle:';
  return [heading, ...lines].map(line => printable(line));
}

/** How many of these roots have signed, and which of them may still sign. */
export function renderSignatures(whose: string, { signers, threshold }: RootCount, roots: Roots): string {
  const others = roots.members.map(({ name }) => name).filter(name => !signers.includes(name));
  const names = signers.length > 0 ? ` (${signers.join(', ')})` : '';
  const missing = threshold - signers.length;
  const missingText = missing > 0 ? `; ${missing} more of ${others.join(', ')}` : '';
  return `  signed by ${signers.length} of ${threshold} ${whose}${names}${missingText}`;
}
