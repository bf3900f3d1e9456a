import { keyId, sha256 } from '../../../shared/tokens/index.ts';
import {
  encodeTrustBundle,
  type RootCount,
  type Roots,
  type TrustBundle,
} from '../../../shared/trust/index.ts';
import { digestHex, formatDuration, formatTime } from '../../views/index.ts';
import type { MemberKey } from './members.ts';

type DatedKey = MemberKey & {
  readonly notBeforeMs?: number | undefined;
  readonly notAfterMs?: number | undefined;
};

/**
 * Everything that a bundle says, one fact a line: what it is about, and what is said. Two bundles that say
 * the same have the same.
 */
export function factsOf(bundle: TrustBundle): ReadonlyMap<string, string> {
  const facts = new Map<string, string>([
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
  for (const [policy, { read, call, write }] of Object.entries(bundle.thresholds)) {
    facts.set(`approvals for ${policy} read`, String(read));
    facts.set(`approvals for ${policy} call`, String(call));
    facts.set(`approvals for ${policy} write`, String(write));
  }
  return facts;
}

/** A passkey is shown with all that it is bound to: a root who signs must see which page may have it sign. */
function keyText(key: DatedKey): string {
  if (!('passkey' in key)) return `key ${keyId(key)}`;
  const { rpId, origins } = key.passkey;
  return `passkey ${keyId(key)} of ${rpId} at ${origins.join(' and ')}`;
}

function validityText({ notBeforeMs, notAfterMs }: DatedKey): string {
  const from = notBeforeMs === undefined ? [] : [`from ${formatTime(notBeforeMs)}`];
  const until = notAfterMs === undefined ? [] : [`until ${formatTime(notAfterMs)}`];
  return [...from, ...until].join(' ') || 'while the bundle holds';
}

/** SHA-256 of what roots sign, in hexadecimal. */
export function bundleDigest(bundle: TrustBundle): string {
  return digestHex(sha256(encodeTrustBundle(bundle)));
}

/** What a bundle says, for people. */
export function renderBundle(bundle: TrustBundle, nowMs: number): string[] {
  const leftMs = bundle.expiresAtMs - nowMs;
  const left = leftMs > 0 ? `for ${formatDuration(leftMs)} more` : 'OVER';
  const lines = [`Trust bundle ${bundle.version}, good ${left}`, `  digest ${bundleDigest(bundle)}`];
  for (const [about, fact] of factsOf(bundle)) lines.push(`  ${about}: ${fact}`);
  return lines;
}

/** What `bundle` says otherwise than `current`, for the person who is to sign it. */
export function renderChanges(bundle: TrustBundle, current: TrustBundle | undefined): string[] {
  const before = current ? factsOf(current) : new Map<string, string>();
  const after = factsOf(bundle);
  const gone = [...before].filter(([about]) => !after.has(about));
  const lines = gone.map(([about, fact]) => `  - ${about}: ${fact}`);
  for (const [about, fact] of after) {
    const old = before.get(about);
    if (old === undefined) lines.push(`  + ${about}: ${fact}`);
    else if (old !== fact) lines.push(`  ~ ${about}: ${old} is now ${fact}`);
  }
  const from = current ? `Changes from version ${current.version}, ${bundleDigest(current)}:` : 'All of it:';
  return [from, ...lines];
}

/** How the signatures stand with some roots, and whose are missing. */
export function renderSignatures(whose: string, { signers, threshold }: RootCount, roots: Roots): string {
  const others = roots.members.map(({ name }) => name).filter(name => !signers.includes(name));
  const names = signers.length > 0 ? ` (${signers.join(', ')})` : '';
  const missing = threshold - signers.length;
  const still = missing > 0 ? `; ${missing} more of ${others.join(', ')}` : '';
  return `  signed by ${signers.length} of ${threshold} ${whose}${names}${still}`;
}
