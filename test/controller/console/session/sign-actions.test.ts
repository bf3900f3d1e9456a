import { beforeEach, describe, expect, it } from 'vitest';
import {
  operatorApi,
  passkeysOf,
  proposalInputSchema,
  proposeRequest,
  proposeSigning,
  type SignedIn,
  submitRequest,
  submitSigned,
} from '../../../../controller/console/session/index.ts';
import { prepareRequest, viewRequest } from '../../../../controller/requests/index.ts';
import type { SignedAction, SigningProposalJson } from '../../../../controller/views/index.ts';
import { callRequestCodec } from '../../../../shared/messages/index.ts';
import { OUTCOME_NAMES } from '../../../../shared/outcome/index.ts';
import {
  digestText,
  passkeyChallenge,
  sha256,
  splitCanonicalToken,
  tokenDigest,
} from '../../../../shared/tokens/index.ts';
import type { TrustBundle } from '../../../../shared/trust/index.ts';
import { bundleAt, KEYS, type Member, SITE, START_MS } from '../../../kit/cast.ts';
import { consoleDepsOf } from '../../../kit/console-deps-kit.ts';
import { codeOf, controllerParts, DRAFT, introduce, requestBy } from '../../../kit/controller-kit.ts';
import { EMERGENCY_BUNDLE, emergency } from '../../../kit/emergency-kit.ts';
import { assertionBy, newPasskey, type TestPasskey } from '../../../kit/keys/passkey-kit.ts';

const CONFIG = {
  ...{ listen: '127.0.0.1:0', origin: 'https://console.example' },
  ...{ sessionMs: 8 * 3_600_000, idleMs: 900_000 },
};
const NOW_S = START_MS / 1000;
const PASSKEYS = { alice: newPasskey(), bob: newPasskey(), bobs: newPasskey(), carol: newPasskey() };
const ELSEWHERE = newPasskey();
const elsewhere = { ...ELSEWHERE.publicJwk.passkey, rpId: 'example', origins: ['https://example'] };

/** alice asks, bob and carol approve, by passkeys; bob has two, and before them one for another console. */
const PEOPLE = {
  requesters: [{ name: 'alice', keys: [KEYS.alice.publicJwk, PASSKEYS.alice.publicJwk] }],
  approvers: [
    {
      name: 'bob',
      keys: [
        KEYS.bob.publicJwk,
        { ...ELSEWHERE.publicJwk, passkey: elsewhere },
        ...[PASSKEYS.bob.publicJwk, PASSKEYS.bobs.publicJwk],
      ],
    },
    { name: 'carol', keys: [KEYS.carol.publicJwk, PASSKEYS.carol.publicJwk] },
  ],
} as Pick<TrustBundle, 'requesters' | 'approvers'>;

function consoleParts(changes: Partial<TrustBundle> = {}) {
  return { ...controllerParts(bundleAt(START_MS, { ...PEOPLE, ...changes })), config: CONFIG };
}

describe('what a person signs at the console', () => {
  let parts: ReturnType<typeof consoleParts>;
  let id: string;

  beforeEach(async () => {
    parts = consoleParts();
    await introduce(parts);
    id = await requestBy(parts, 'alice', DRAFT);
  });

  /** The person, signed in by that key, or by the one in their file. */
  const signedIn = (name: Member, kid = KEYS[name].kid): SignedIn => ({
    session: { id: '', person: name, kid, signInMethod: 'passkey', usedAtMs: START_MS, endsAtMs: START_MS },
    caller: { name, kid, roles: new Set([name === 'alice' ? 'requester' : 'approver']) },
    expiresAtMs: START_MS,
  });
  const viewed = async (of = id) => viewRequest(parts, await parts.requests.get(of));
  const proposed = async (who: Member, action: SignedAction, reason?: string) =>
    proposeSigning(parts, signedIn(who), await viewed(), { action, ...(reason !== undefined && { reason }) });
  const partsOf = ({ signingInput }: SigningProposalJson) =>
    signingInput.split('.').map(part => JSON.parse(Buffer.from(part, 'base64url').toString()));
  const claimsOf = (proposal: SigningProposalJson) => partsOf(proposal)[1];
  const apiOf = (who: Member) => operatorApi(consoleDepsOf(parts), signedIn(who).caller);
  const assertion = (passkey: TestPasskey, { challenge }: SigningProposalJson) =>
    assertionBy(passkey, Buffer.from(challenge, 'base64url'));
  const submitted = async (who: 'alice' | 'bob' | 'carol', action: SignedAction, reason = 'why') => {
    const proposal = await proposed(who, action, reason);
    const { signingInput } = proposal;
    return submitSigned(apiOf(who), id, {
      ...{ action, signingInput, assertion: assertion(PASSKEYS[who], proposal) },
    });
  };

  it('a proposal says what its bytes are: the request, the person, until its end, for one passkey', async () => {
    const proposal = await proposed('carol', 'approve', 'looks right');
    const { bytes, expiresAtMs } = await parts.requests.get(id);
    const [header, claims] = partsOf(proposal);
    expect(header).toEqual({ alg: 'WebAuthn', typ: 'farcall-approval+jwt', kid: PASSKEYS.carol.kid });
    expect(claims).toMatchObject({
      ...{ iss: 'carol', site: SITE, iat: NOW_S, exp: Math.ceil(expiresAtMs / 1000) },
      ...{ req: digestText(sha256(bytes)), decision: 'approve', reason: 'looks right' },
    });
    expect(proposal).toMatchObject({
      action: 'approve',
      challenge: Buffer.from(passkeyChallenge(proposal.signingInput)).toString('base64url'),
      credentialIds: [PASSKEYS.carol.publicJwk.passkey.credentialId],
      rpId: 'console.example',
    });
  });

  it('a decision without a reason names none', async () => {
    expect(claimsOf(await proposed('carol', 'reject'))).not.toHaveProperty('reason');
    expect(claimsOf(await proposed('carol', 'reject', ''))).not.toHaveProperty('reason');
    expect(claimsOf(await proposed('carol', 'reject', 'no'))).toMatchObject({
      decision: 'reject',
      reason: 'no',
    });
  });

  it('the passkey that signed a person in is the one that is asked, or else their first for this console', async () => {
    const { bob, bobs } = PASSKEYS;
    const view = await viewed();
    const by = (kid?: string) => {
      const proposal = proposeSigning(parts, signedIn('bob', kid), view, { action: 'approve' });
      return [partsOf(proposal)[0].kid, proposal.credentialIds];
    };
    expect(by(bobs.kid)).toEqual([bobs.kid, [bobs.publicJwk.passkey.credentialId]]);
    expect(by()).toEqual([bob.kid, [bob.publicJwk.passkey.credentialId]]);
    expect(by(ELSEWHERE.kid)).toEqual([bob.kid, [bob.publicJwk.passkey.credentialId]]);
  });

  it('a passkey counts where its person has the role for the action', () => {
    const ids = (who: string, action?: 'request' | SignedAction) =>
      passkeysOf(parts, who, action).map(({ kid }) => kid);
    const { alice, bob, bobs } = PASSKEYS;
    expect(ids('bob')).toEqual([bob.kid, bobs.kid]);
    expect(ids('bob', 'abort')).toEqual([bob.kid, bobs.kid]);
    expect(ids('bob', 'request')).toEqual([]);
    expect(ids('alice')).toEqual([alice.kid]);
    expect(ids('alice', 'request')).toEqual([alice.kid]);
    expect(ids('alice', 'abort')).toEqual([alice.kid]);
    for (const action of ['pause', 'resume', 'promote', 'retry'] as const)
      expect(ids('alice', action)).toEqual([alice.kid]);
    for (const action of ['approve', 'reject', 'withdraw', 'accept', 'object'] as const) {
      expect(ids('alice', action)).toEqual([]);
      expect(ids('bob', action)).toEqual([bob.kid, bobs.kid]);
    }
    expect(passkeysOf(parts, 'carol')).toEqual([
      { kid: PASSKEYS.carol.kid, credentialId: PASSKEYS.carol.publicJwk.passkey.credentialId },
    ]);
  });

  it('a person without a passkey reads that they have none', async () => {
    await expect(proposed('alice', 'approve')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('alice has no passkey for this console that may approve'),
    });
  });

  it('a request that has expired is not signed for', async () => {
    const { expiresAtMs } = await parts.requests.get(id);
    parts.clock.advance(expiresAtMs - START_MS - 1000);
    await expect(proposed('bob', 'approve')).resolves.toBeDefined();
    parts.clock.advance(1000);
    await expect(proposed('bob', 'approve')).rejects.toMatchObject({
      code: 'REQUEST_EXPIRED',
      message: `request ${id} has expired`,
    });
  });

  it('a review may be signed after the request has expired, and is valid for ten minutes', async () => {
    parts.clock.advance(2 * DRAFT.lifetimeMs);
    const iat = NOW_S + (2 * DRAFT.lifetimeMs) / 1000;
    for (const verdict of ['accept', 'object'] as const)
      expect(claimsOf(await proposed('carol', verdict, 'it was one'))).toMatchObject({
        ...{ iss: 'carol', iat, exp: iat + 600, verdict, reason: 'it was one' },
      });
  });

  it('an action on a rollout names its wave and its outcomes, is valid for ten minutes, and is another each time', async () => {
    const view = await viewed();
    const propose = (input: Parameters<typeof proposeSigning>[3], who: Member = 'carol') =>
      claimsOf(proposeSigning(parts, signedIn(who), view, input));
    const retry = propose({ action: 'retry', reason: 'again', only: ['refused'] });
    expect(retry).toMatchObject({
      ...{
        iss: 'carol',
        site: SITE,
        iat: NOW_S,
        exp: NOW_S + 600,
        action: 'retry',
        wave: 0,
        only: ['refused'],
      },
      ...{ reason: 'again', req: digestText(sha256(view.request)) },
    });
    const pause = propose({ action: 'pause', reason: 'to look', wave: 2 }, 'alice');
    expect(pause).toMatchObject({ iss: 'alice', action: 'pause', wave: 2, reason: 'to look' });
    expect(pause).not.toHaveProperty('only');
    expect(propose({ action: 'pause', reason: 'to look', wave: 2 }, 'alice').jti).not.toBe(pause.jti);
    parts.clock.advance(2 * DRAFT.lifetimeMs);
    expect(() => propose({ action: 'resume', reason: 'go on' })).not.toThrow();
  });

  it('an action on a rollout is handed in as what it is', async () => {
    const called: unknown[] = [];
    const api = { call: async (...each: unknown[]) => void called.push(each) };
    const proposal = proposeSigning(parts, signedIn('bob'), await viewed(), { action: 'pause', reason: 'x' });
    const { signingInput } = proposal;
    const signed = { action: 'pause', signingInput, assertion: assertion(PASSKEYS.bob, proposal) } as const;
    await submitSigned(api as never, id, signed);
    expect(called).toEqual([['submitAction', { id, token: expect.stringMatching(/^[^.]+\.[^.]+\.[^.]+$/) }]]);
  });

  it('an abort names its reason', async () => {
    expect(claimsOf(await proposed('alice', 'abort', 'enough'))).toMatchObject({
      iss: 'alice',
      reason: 'enough',
    });
  });

  it('a withdrawal names the decision that it takes back, and lives as long', async () => {
    await expect(proposed('bob', 'withdraw')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await submitted('carol', 'approve');
    await expect(proposed('bob', 'withdraw')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await submitted('bob', 'reject');
    const own = (await viewed()).decisions.find(({ approver }) => approver === 'bob')!;
    expect(claimsOf(await proposed('bob', 'withdraw'))).toMatchObject({
      token: tokenDigest(own.token),
      req: digestText((await parts.requests.get(id)).digest),
      exp: splitCanonicalToken(own.token).payload['exp'],
    });
    await submitted('bob', 'withdraw');
    await expect(proposed('bob', 'withdraw')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'bob has not decided about this request',
    });
  });

  it('each signed action arrives as what it is', async () => {
    expect((await submitted('bob', 'reject')).state).toBe('rejected');
    expect((await submitted('bob', 'withdraw')).state).toBe('pending');
    expect((await submitted('carol', 'approve')).decisions).toContainEqual(
      expect.objectContaining({ approver: 'carol', decision: 'approve' }),
    );
    expect((await submitted('bob', 'abort')).state).toBe('aborted');
  });

  it('an emergency is reviewed by passkey, either way', async () => {
    const { thresholds, emergency: terms } = EMERGENCY_BUNDLE;
    for (const verdict of ['accept', 'object'] as const) {
      parts = consoleParts({ thresholds, ...(terms && { emergency: terms }) });
      await introduce(parts);
      id = await emergency(parts);
      const { emergency: seen } = await submitted('carol', verdict);
      expect(seen?.reviews).toMatchObject([{ reviewer: 'carol', verdict, reason: 'why' }]);
    }
  });

  it('a request is signed by the passkey of its requester, over its own bytes, and handed in', async () => {
    const { request: bytes } = await prepareRequest(parts, 'alice', DRAFT);
    const proposal = proposeRequest(parts, signedIn('alice'), bytes);
    const { expiresAtMs } = callRequestCodec.decode(bytes);
    const [header, claims] = partsOf(proposal);
    expect(header).toMatchObject({ typ: 'farcall-request+jwt', kid: PASSKEYS.alice.kid });
    expect(claims).toMatchObject({
      ...{ iss: 'alice', site: SITE, iat: NOW_S, exp: Math.ceil(expiresAtMs / 1000) },
      req: digestText(sha256(bytes)),
    });
    expect(proposal.action).toBe('request');
    const { signingInput } = proposal;
    const made = { signingInput, assertion: assertion(PASSKEYS.alice, proposal) };
    const { request } = await submitRequest(apiOf('alice'), bytes, made);
    expect(Buffer.from(request).equals(bytes)).toBe(true);
    expect(() => proposeRequest(parts, signedIn('bob'), bytes)).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    );
  });

  it('a proposal that another passkey signed is refused', async () => {
    const proposal = await proposed('bob', 'approve');
    const { signingInput } = proposal;
    const signed = { signingInput, assertion: assertion(PASSKEYS.carol, proposal) };
    expect(await codeOf(submitSigned(apiOf('bob'), id, { action: 'approve', ...signed }))).toBe(
      'TOKEN_SIGNATURE',
    );
  });
});

describe('what a page asks to sign', () => {
  it('what a page asks to sign is one of the signed actions, with a reason of at most 1024 characters', () => {
    const takes = (input: unknown): boolean => proposalInputSchema.safeParse(input).success;
    expect(takes({ action: 'approve' })).toBe(true);
    expect(takes({ action: 'abort', reason: 'x'.repeat(1024) })).toBe(true);
    expect(takes({ action: 'abort', reason: 'x'.repeat(1025) })).toBe(false);
    expect(takes({ action: 'request' })).toBe(false);
    expect(takes({ action: 'approve', token: 'x' })).toBe(false);
  });

  it.each([
    ['wave', 0, true],
    ['wave', 10_000, true],
    ['wave', -1, false],
    ['wave', 10_001, false],
    ['wave', 1.5, false],
    ['only', [], false],
    ['only', ['refused', 'unknown'], true],
    ['only', OUTCOME_NAMES, true],
    ['only', [...OUTCOME_NAMES, 'refused'], false],
    ['only', ['waiting'], false],
  ])('a proposal with %s %j is taken: %s', (member, value, isTaken) => {
    const input = { action: 'retry', reason: 'again', [member]: value };
    expect(proposalInputSchema.safeParse(input).success).toBe(isTaken);
  });
});
