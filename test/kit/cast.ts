import {
  type KeyPair,
  newSigningKey,
  type SigningKey,
  signToken,
  type TokenContent,
  type TokenKind,
  type VerifiedToken,
  type VerifyTokenOptions,
  verifyToken,
} from '../../shared/tokens/index.ts';
import {
  checkTrustBundle,
  type PinnedRoots,
  type Roots,
  siteOf,
  type TrustBundle,
} from '../../shared/trust/index.ts';

/** The moment at which tests begin that have a clock of their own. */
export const START_MS = 1_790_000_000_000;

const HOUR_MS = 3_600_000;

/**
 * Everybody who has a key in the tests; `bob2` and `rob2` are second keys of bob and rob.
 *
 * - ctl-1 and ctl-2 are controllers; the bundle of most tests has the first alone
 * - alice requests, and may approve too
 * - bob and carol approve
 * - mallory is in no trust bundle
 * - rob, rose, ruth and rick can be roots; eve is nobody's root unless a test says so
 */
export const CAST = [
  ...(['ctl-1', 'ctl-2'] as const),
  ...(['alice', 'bob', 'bob2', 'carol', 'mallory'] as const),
  ...(['rob', 'rob2', 'rose', 'ruth', 'rick', 'eve'] as const),
] as const;

/** Name of a key of the cast. */
export type Member = (typeof CAST)[number];

const made = new Map<string, KeyPair>();

/**
 * The key of somebody: of a member of the cast, or of a host or stranger with any other name. Each is made
 * once for all files of a process.
 */
export function keyOf(name: string): KeyPair {
  const key = made.get(name) ?? newSigningKey();
  made.set(name, key);
  return key;
}

/** The keys of the cast by name. */
export const KEYS = Object.fromEntries(CAST.map(name => [name, keyOf(name)])) as Readonly<
  Record<Member, KeyPair>
>;

/** A host that can sign. */
export interface HostIdentity {
  readonly name: string;
  readonly key: SigningKey;
  readonly labels?: Readonly<Record<string, string>>;
  /** {@link SITE} if it is not named. */
  readonly site?: string;
}

/** The host of that name; with the same name, the same key. */
export function hostOf(name: string, labels: Readonly<Record<string, string>> = {}): HostIdentity {
  return { name, key: keyOf(name), labels };
}

/** Two hosts of a demonstration and one that is in production. */
export const HOSTS: Readonly<Record<'one' | 'two' | 'other', HostIdentity>> = {
  one: hostOf('demo-1', { env: 'demo' }),
  two: hostOf('demo-2', { env: 'demo' }),
  other: hostOf('prod-1', { env: 'prod' }),
};

/** The name in which the holder of a key signs: that of `bob2` is bob. */
export function holderOf(member: Member): string {
  return member === 'bob2' || member === 'rob2' ? member.slice(0, -1) : member;
}

/** An entry of a trust bundle: one of the cast with their key, or with several. */
export function entryOf(...members: readonly [Member, ...Member[]]) {
  return { name: holderOf(members[0]), keys: members.map(member => KEYS[member].publicJwk) };
}

/** So many of these people, each with the key of that name. */
export function rootsOf(threshold: number, ...names: Member[]): Roots {
  return { threshold, members: names.map(name => ({ name, keys: [KEYS[name].publicJwk] })) };
}

/** Two of rob, rose and ruth. */
export const ROOTS: Roots = rootsOf(2, 'rob', 'rose', 'ruth');

/** The site that {@link ROOTS} begin. */
export const SITE = siteOf(ROOTS);

/** Another site, with the same people and keys but for its roots. */
export const OTHER_SITE = siteOf(rootsOf(1, 'eve'));

/** The file of roots of {@link SITE}, or of other roots that it has come to. */
export function pinnedOf(roots: Roots = ROOTS): PinnedRoots {
  return { site: SITE, ...roots };
}

/**
 * The trust bundle of the cast: a controller, alice who asks, and three of whom two must approve what is more
 * than a read. `nowMs` is an hour after its issue.
 */
export function bundleAt(nowMs: number, changes: Partial<TrustBundle> = {}): TrustBundle {
  return checkTrustBundle({
    version: 3,
    site: SITE,
    issuedAtMs: nowMs - HOUR_MS,
    expiresAtMs: nowMs + 90 * 24 * HOUR_MS,
    roots: ROOTS,
    controllers: [entryOf('ctl-1')],
    requesters: [entryOf('alice')],
    approvers: [entryOf('alice'), entryOf('bob'), entryOf('carol')],
    thresholds: { standard: { read: 1, call: 2, write: 2 } },
    ...changes,
  });
}

/** The bundle of the cast at {@link START_MS}. */
export const BUNDLE: TrustBundle = bundleAt(START_MS);

/** Something with a site, which is {@link SITE} if it is not named. */
export type SomeSite<T extends { site: string }> = Omit<T, 'site'> & { readonly site?: string };

/**
 * A token of the site of the tests. All tests make their tokens here, but for those that are written by hand
 * from the RFCs.
 */
export function tokenOf<K extends TokenKind>(
  kind: K,
  content: SomeSite<TokenContent<K>>,
  key: SigningKey,
): Promise<string> {
  return signToken(kind, { site: SITE, ...content } as TokenContent<K>, key);
}

/** The claims of a token of the site of the tests; throws as `verifyToken` does. */
export function claimsIn<K extends TokenKind>(
  kind: K,
  token: string,
  options: SomeSite<VerifyTokenOptions>,
): Promise<VerifiedToken<K>> {
  return verifyToken(kind, token, { site: SITE, ...options });
}
