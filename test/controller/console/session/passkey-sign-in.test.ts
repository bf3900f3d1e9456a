import { beforeEach, describe, expect, it } from 'vitest';
import {
  assertionSchema,
  beginSession,
  codeSignIn,
  newChallenge,
  newCode,
  passkeySignIn,
} from '../../../../controller/console/session/index.ts';
import type { TrustBundle } from '../../../../shared/trust/index.ts';
import { BUNDLE, bundleAt, entryOf, KEYS, START_MS } from '../../../kit/cast.ts';
import { codeOf, controllerParts } from '../../../kit/controller-kit.ts';
import { assertionBy, type Ceremony, newPasskey, type TestPasskey } from '../../../kit/keys/passkey-kit.ts';

const CONFIG = {
  ...{ listen: '127.0.0.1:0', origin: 'https://console.example' },
  ...{ sessionMs: 8 * 3_600_000, idleMs: 900_000 },
};
const BOB = newPasskey();
const CAROL = newPasskey('Ed25519');

/** bob and carol have a passkey each, beside the key in bob's file. */
function bundleWith(bob: object = BOB.publicJwk): TrustBundle {
  return bundleAt(START_MS, {
    approvers: [
      entryOf('alice'),
      { name: 'bob', keys: [KEYS.bob.publicJwk, bob] },
      { name: 'carol', keys: [CAROL.publicJwk] },
    ] as TrustBundle['approvers'],
  });
}

function consoleParts(bundle = bundleWith()) {
  return { ...controllerParts(bundle), config: CONFIG };
}

describe('signing in with a passkey', () => {
  let parts: ReturnType<typeof consoleParts>;

  beforeEach(() => {
    parts = consoleParts();
  });

  /** What the browser sends when `passkey` signs `challenge`. */
  const signed = (passkey: TestPasskey, challenge: string, ceremony?: Ceremony) => ({
    credentialId: passkey.publicJwk.passkey.credentialId,
    assertion: assertionBy(passkey, Buffer.from(challenge, 'base64url'), ceremony),
  });
  const tried = async (
    passkey: TestPasskey,
    ceremony?: Ceremony,
    kind: 'challenge' | 'registration' = 'challenge',
  ) => passkeySignIn(parts, signed(passkey, await newChallenge(parts, kind), ceremony));

  it.each([
    ['bob', BOB],
    ['carol', CAROL],
  ] as const)('the passkey of %s signs its holder in', async (person, passkey) => {
    expect(await tried(passkey)).toEqual({ person, kid: passkey.kid, signInMethod: 'passkey' });
  });

  it('a passkey that no trust bundle has signs nobody in', async () => {
    await expect(tried(newPasskey())).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: expect.stringContaining('not in the trust bundle'),
    });
  });

  it('a passkey outside of its validity signs nobody in', async () => {
    const ended = { ...BOB.publicJwk, notAfterMs: START_MS };
    parts = consoleParts(bundleWith(ended));
    expect(await codeOf(tried(BOB))).toBe('UNAUTHENTICATED');
  });

  it('a passkey for another console signs nobody in, though its holder signs for this one', async () => {
    const passkey = { ...BOB.publicJwk.passkey, rpId: 'example', origins: ['https://example'] };
    parts = consoleParts(bundleWith({ ...BOB.publicJwk, passkey }));
    await expect(tried(BOB)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'this passkey is for another console',
    });
  });

  it('a challenge signs in once, and for two minutes', async () => {
    const challenge = await newChallenge(parts, 'challenge');
    await passkeySignIn(parts, signed(BOB, challenge));
    expect(await codeOf(passkeySignIn(parts, signed(BOB, challenge)))).toBe('UNAUTHENTICATED');
    const young = await newChallenge(parts, 'challenge');
    const old = await newChallenge(parts, 'challenge');
    parts.clock.advance(120_000);
    expect(await passkeySignIn(parts, signed(BOB, young))).toMatchObject({ person: 'bob' });
    parts.clock.advance(1);
    expect(await codeOf(passkeySignIn(parts, signed(BOB, old)))).toBe('UNAUTHENTICATED');
  });

  it('a challenge that this site did not issue, or issued for a registration, signs nobody in', async () => {
    const invented = Buffer.alloc(32, 7).toString('base64url');
    expect(await codeOf(passkeySignIn(parts, signed(BOB, invented)))).toBe('UNAUTHENTICATED');
    expect(await codeOf(tried(BOB, {}, 'registration'))).toBe('UNAUTHENTICATED');
  });

  it.each<[string, Ceremony, string]>([
    ['for another page', { clientData: { origin: 'https://evil.example' } }, 'TOKEN_CLAIMS'],
    ['for another domain', { rpId: 'evil.example' }, 'TOKEN_CLAIMS'],
    ['without its person', { flags: 0x01 }, 'TOKEN_CLAIMS'],
    ['of a registration', { clientData: { type: 'webauthn.create' } }, 'TOKEN_CLAIMS'],
    ['that names no challenge', { clientData: { challenge: undefined } }, 'TOKEN_INVALID'],
    ['whose challenge is no text', { clientData: { challenge: 7 } }, 'TOKEN_INVALID'],
  ])('an assertion %s signs nobody in', async (_what, ceremony, code) => {
    expect(await codeOf(tried(BOB, ceremony))).toBe(code);
  });

  it('client data that are no JSON sign nobody in', async () => {
    const one = signed(BOB, await newChallenge(parts, 'challenge'));
    const assertion = { ...one.assertion, clientDataJSON: Buffer.from('{') };
    await expect(passkeySignIn(parts, { ...one, assertion })).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
      message: 'the client data of the passkey cannot be read',
    });
  });

  it('a signature by another key signs nobody in', async () => {
    const forged = { ...BOB, privateKey: newPasskey().privateKey };
    expect(await codeOf(tried(forged))).toBe('TOKEN_SIGNATURE');
  });

  it('a signature with a high S is taken, because authenticators make both', async () => {
    for (let each = 0; each < 8; each++) expect(await tried(BOB)).toMatchObject({ person: 'bob' });
  });
});

describe('signing in with a code', () => {
  const ALICE = { person: 'alice', kid: KEYS.alice.kid };

  it('a code signs in the person who asked for it, for a minute', async () => {
    const parts = consoleParts(BUNDLE);
    const young = await newCode(parts, ALICE);
    const old = await newCode(parts, ALICE);
    expect(young).toMatchObject({ origin: CONFIG.origin, expiresAtMs: START_MS + 60_000 });
    parts.clock.advance(60_000);
    expect(await codeSignIn(parts, young.code)).toEqual({ ...ALICE, signInMethod: 'operator-key' });
    parts.clock.advance(1);
    expect(await codeOf(codeSignIn(parts, old.code))).toBe('UNAUTHENTICATED');
  });

  it('a code is no challenge, no challenge is a code, and a session is neither', async () => {
    const parts = consoleParts(BUNDLE);
    expect(await codeOf(codeSignIn(parts, await newChallenge(parts, 'challenge')))).toBe('UNAUTHENTICATED');
    const { secret } = await beginSession(parts, { ...ALICE, signInMethod: 'operator-key' });
    expect(await codeOf(codeSignIn(parts, secret))).toBe('UNAUTHENTICATED');
  });
});

describe('an assertion as a browser sends it', () => {
  const SENT = { credentialId: 'AQ', authenticatorData: 'Ag', clientDataJSON: 'Aw', signature: 'BA' };

  it('an assertion as a browser sends it becomes bytes', () => {
    expect(assertionSchema.parse(SENT)).toEqual({
      credentialId: 'AQ',
      assertion: {
        authenticatorData: Buffer.of(2),
        clientDataJSON: Buffer.of(3),
        signature: Buffer.of(4),
      },
    });
  });

  it.each([
    ['credentialId', 1364],
    ['authenticatorData', 1024],
    ['clientDataJSON', 4096],
    ['signature', 256],
  ] as const)('the %s of an assertion is base64url of at most %i characters', (name, limit) => {
    const takes = (text: string): boolean => assertionSchema.safeParse({ ...SENT, [name]: text }).success;
    expect(takes('A'.repeat(limit))).toBe(true);
    for (const text of ['A'.repeat(limit + 1), '', '!AA', 'AA!', 'AA==', 'A+/A', 'AA\n'])
      expect(takes(text), text).toBe(false);
  });

  it('an assertion with a member that nobody knows is refused', () => {
    expect(assertionSchema.safeParse({ ...SENT, more: 'AA' }).success).toBe(false);
  });
});
