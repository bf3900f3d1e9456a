import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyRedemption } from '../../../controller/redemption/index.ts';
import { verifyHostLabels } from '../../../shared/host-labels/index.ts';
import { callRequestCodec, type SignedBundle } from '../../../shared/messages/index.ts';
import { digestText, sha256, type TokenKind, tokenDigest } from '../../../shared/tokens/index.ts';
import {
  countApprovals,
  encodeTrustBundle,
  evaluateBundle,
  verifyAbort,
  verifyAction,
  verifyEnrolment,
  verifyEnrolmentRevocation,
  verifyHostAcceptance,
  verifyHostRemoval,
  verifyLock,
  verifyRequester,
  verifyUnlock,
} from '../../../shared/trust/index.ts';
import { BUNDLE, bundleAt, entryOf, HOSTS, KEYS, pinnedOf, SITE, START_MS } from '../../kit/cast.ts';
import {
  abortOf,
  acceptanceOf,
  actionOf,
  approvalOf,
  hostLabelsOf,
  hostRemovalOf,
  lockOf,
  requestOf,
  requestTokenOf,
  revocationOf,
  unlockOf,
  withdrawalOf,
} from '../../kit/decisions.ts';
import { enrolmentOf, redemptionBy } from '../../kit/enrolment-kit.ts';
import { acceptedMisses, changedBytes } from '../../kit/keys/near-misses.ts';
import { rootSignature, signedBy } from '../../kit/keys/trust-kit.ts';

const RUNS = { numRuns: 400 };
/** A bundle has up to four signatures to verify. */
const BUNDLE_RUNS = { numRuns: 200 };
const YEAR_S = 365 * 24 * 3600;
const [bundle, nowMs] = [BUNDLE, START_MS];
const { one } = HOSTS;
const { kid } = one.key;
const request = requestOf();
const requestBytes = callRequestCodec.encode(request);
const OTHER_DIGEST = digestText(sha256(Buffer.from('something else')));
const digests = [OTHER_DIGEST, '', null, `${OTHER_DIGEST}A`];
const host = { host: one.name, kid, labels: {}, bundle, nowMs };
const lockToken = await lockOf('bob', { what: 'host', name: one.name });
const enrolment = await enrolmentOf('bob', { host: 'web-9' });
const rejection = await approvalOf('carol', requestBytes, { decision: 'reject' });

/**
 * A token by one of the cast, what makes it about something else, and whether its verifier accepts a token.
 */
interface Case {
  readonly kind: TokenKind;
  readonly by: keyof typeof KEYS;
  readonly token: string;
  readonly elsewhere: Readonly<Record<string, readonly unknown[]>>;
  readonly accepts: (token: string) => Promise<unknown>;
}

const counted = async (approvals: readonly string[], withdrawals: readonly string[]): Promise<unknown> => {
  const count = await countApprovals({ request, requestBytes, approvals, withdrawals, bundle, nowMs });
  if (count.approvers.length > 0 && count.rejecters.length === 0) return count;
  throw new Error('it does not count');
};

const CASES: readonly Case[] = [
  {
    ...{ kind: 'request', by: 'alice', token: await requestTokenOf('alice', requestBytes) },
    elsewhere: { req: digests, exp: [request.expiresAtMs / 1000 - 1] },
    accepts: token => verifyRequester({ token, requestBytes, request, bundle, nowMs }),
  },
  {
    ...{ kind: 'approval', by: 'bob', token: await approvalOf('bob', requestBytes) },
    elsewhere: { req: digests, decision: ['reject', 'Approve', '', null, true, 1, ['approve']] },
    accepts: token => counted([token], []),
  },
  {
    ...{ kind: 'withdrawal', by: 'carol' },
    token: await withdrawalOf('carol', requestBytes, { token: rejection }),
    // It lasts after its own end, as the rejection does.
    elsewhere: { req: digests, token: digests, exp: [START_MS / 1000 + YEAR_S, null, '1', -1] },
    accepts: async token => counted([await approvalOf('bob', requestBytes), rejection], [token]),
  },
  {
    ...{ kind: 'abort', by: 'bob', token: await abortOf('bob', requestBytes) },
    elsewhere: { req: digests, reason: ['', null], exp: [request.expiresAtMs / 1000 - 1] },
    accepts: token => verifyAbort({ token, requestBytes, request, bundle, nowMs }),
  },
  {
    ...{ kind: 'action', by: 'bob', token: await actionOf('bob', requestBytes, { action: 'promote' }) },
    elsewhere: {
      ...{ req: digests, action: ['retry', 'Promote', '', null], wave: [-1, 1.5, '0', null, 10_001] },
      ...{ only: [['faulted'], [], ['x']], jti: ['', 'short', null] },
    },
    accepts: token => verifyAction({ token, requestDigest: sha256(requestBytes), bundle, nowMs }),
  },
  {
    ...{ kind: 'lock', by: 'bob', token: lockToken },
    elsewhere: { what: ['Host', '', null, 'group'], name: ['', null, 'a\u0000'], reason: ['', ' ', null] },
    accepts: token => verifyLock({ token, bundle, nowMs }),
  },
  {
    ...{ kind: 'unlock', by: 'bob', token: await unlockOf('bob', { token: lockToken }) },
    elsewhere: { lock: digests, reason: ['', ' ', null] },
    async accepts(token) {
      const { lock } = await verifyUnlock({ token, bundle, nowMs });
      if (lock !== tokenDigest(lockToken)) throw new Error('the end of another lock');
    },
  },
  {
    ...{ kind: 'hostLabels', by: 'bob' },
    token: await hostLabelsOf('bob', { host: one.name, kid, labels: { env: 'db' } }),
    elsewhere: {
      ...{ host: ['other', '', null], kid: digests, number: [0, -1, 1.5, '1', null] },
      labels: [{ '': 'x' }, { host: 'x' }, [], null, 'env=db', { env: 1 }],
    },
    accepts: token => verifyHostLabels(token, host),
  },
  {
    ...{ kind: 'hostRemoval', by: 'bob', token: await hostRemovalOf('bob', { host: one.name, kid }) },
    elsewhere: { host: ['other', '', null], kid: digests, reason: ['', null] },
    accepts: token => verifyHostRemoval({ ...host, token }),
  },
  {
    ...{ kind: 'hostAcceptance', by: 'bob' },
    token: await acceptanceOf('bob', { host: one.name, kid, heldMs: START_MS }),
    elsewhere: {
      ...{ host: ['other', '', null], kid: digests, heldMs: [START_MS - 1, START_MS + 1, 0, `${START_MS}`] },
      reason: ['', ' ', null],
    },
    accepts: token => verifyHostAcceptance({ ...host, token, heldMs: START_MS }),
  },
  {
    ...{ kind: 'enrolmentRevocation', by: 'bob' },
    token: await revocationOf('bob', { enrolment: 'enrolment1', host: one.name }),
    elsewhere: { host: ['other', '', null], enrolment: ['enrolment2', '', null] },
    accepts: token => verifyEnrolmentRevocation({ ...host, token, enrolment: 'enrolment1' }),
  },
  {
    ...{ kind: 'hostEnrolment', by: 'bob', token: enrolment.submission.token },
    elsewhere: { sha256: digests },
    accepts: token => verifyEnrolment({ token, draft: enrolment.submission.draft, bundle, nowMs }),
  },
];

describe('a token that a person signed', () => {
  it.each(CASES.map(each => [each.kind, each] as const))(
    'a token of the kind %s is accepted as it was signed, and in no other form',
    async (kind, { by, token, elsewhere, accepts }) => {
      const thing = { kind, token, privateKey: KEYS[by].privateKey, elsewhere };
      expect(await acceptedMisses(thing, accepts)).toEqual([]);
    },
  );
});

describe('bytes that are signed', () => {
  const rows: readonly [string, Uint8Array, (bytes: Uint8Array) => Promise<unknown>][] = [
    [
      'a request',
      requestBytes,
      async bytes => {
        const token = await requestTokenOf('alice', requestBytes);
        return verifyRequester({ token, requestBytes: bytes, request, bundle, nowMs });
      },
    ],
    [
      'an enrolment',
      enrolment.submission.draft,
      draft => verifyEnrolment({ ...enrolment.submission, draft, bundle, nowMs }),
    ],
  ];
  it.each(rows)(
    'the bytes of %s are accepted as they were signed, and no others',
    async (_, bytes, accepts) => {
      await accepts(bytes);
      await fc.assert(
        fc.asyncProperty(changedBytes(bytes), async changed => {
          if (Buffer.compare(changed, bytes) !== 0) await expect(accepts(changed)).rejects.toThrow();
        }),
        RUNS,
      );
    },
  );
});

describe('a trust bundle', () => {
  const next = bundleAt(START_MS, { version: 4, approvers: [entryOf('bob'), entryOf('carol')] });
  const evaluate = async (signed: SignedBundle): Promise<unknown> => {
    const first = await evaluateBundle(signedBy(BUNDLE), { pinned: pinnedOf(), current: undefined });
    if (first.effect !== 'newer') throw new Error('the first bundle is not taken');
    const verdict = await evaluateBundle(signed, { pinned: pinnedOf(), current: first.verified });
    if (verdict.effect === 'newer') return verdict;
    throw new Error('it is not newer');
  };
  const bytes = encodeTrustBundle(next);
  const [rob, rose] = [rootSignature(next, 'rob'), rootSignature(next, 'rose')];

  it('a trust bundle is accepted with its bytes as the roots signed them, and with no others', async () => {
    await evaluate({ bundle: bytes, signatures: [rob, rose] });
    await fc.assert(
      fc.asyncProperty(changedBytes(bytes), async changed => {
        if (Buffer.compare(changed, bytes) === 0) return;
        await expect(evaluate({ bundle: changed, signatures: [rob, rose] })).rejects.toThrow();
      }),
      BUNDLE_RUNS,
    );
  });

  it('a trust bundle is accepted with the signatures that its roots made, and with no others in their place', async () => {
    const elsewhere = { sha256: digests, version: [3, 5, 0, -1, 4.5, '4', null, 2 ** 31] };
    const thing = { kind: 'trust', token: rose, privateKey: KEYS.rose.privateKey, elsewhere } as const;
    const accepts = (token: string): Promise<unknown> =>
      evaluate({ bundle: bytes, signatures: [rob, token] });
    expect(await acceptedMisses(thing, accepts)).toEqual([]);
  });
});

describe('the redemption of an enrolment token', () => {
  it('a redemption is accepted with its members as the host made them, and with no others', async () => {
    const redemption = await redemptionBy(one, enrolment.secret);
    const at = { site: SITE, nowMs: START_MS };
    await verifyRedemption(redemption, at);
    const text = (value: string): fc.Arbitrary<string> =>
      changedBytes(Buffer.from(value)).map(each => Buffer.from(each).toString('utf8'));
    const changed = fc.oneof(
      changedBytes(redemption.claim).map(claim => ({ claim })),
      text(redemption.enrolmentSignature).map(enrolmentSignature => ({ enrolmentSignature })),
      text(redemption.keySignature).map(keySignature => ({ keySignature })),
      changedBytes(redemption.nkeySignature).map(nkeySignature => ({ nkeySignature })),
      fc.constant({ enrolmentSignature: redemption.keySignature }),
      fc.constant({ keySignature: redemption.enrolmentSignature }),
    );
    await fc.assert(
      fc.asyncProperty(changed, async change => {
        const miss = { ...redemption, ...change };
        const isSame = Object.entries(change).every(
          ([name, value]) =>
            Buffer.from(value).compare(Buffer.from(redemption[name as keyof typeof redemption])) === 0,
        );
        if (!isSame) await expect(verifyRedemption(miss, at)).rejects.toThrow();
      }),
      RUNS,
    );
  });
});
