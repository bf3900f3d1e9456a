import { describe, expect, test } from 'vitest';
import { callRequestCodec } from '../../../shared/messages/index.ts';
import {
  digestText,
  passkeyChallenge,
  passkeySigningInput,
  passkeyToken,
  sha256,
  tokenDigest,
} from '../../../shared/tokens/index.ts';
import {
  checkTrustBundle,
  countApprovals,
  decodeTrustBundle,
  encodeTrustBundle,
  type TrustBundle,
  verifyAbort,
} from '../../../shared/trust/index.ts';
import { BUNDLE, SITE, START_MS } from '../../kit/cast.ts';
import { requestOf } from '../../kit/decisions.ts';
import { approvalBy, assertionBy, newPasskey, type TestPasskey } from '../../kit/keys/passkey-kit.ts';

const request = requestOf();
const requestBytes = callRequestCodec.encode(request);
const iat = Math.floor(START_MS / 1000);
const req = digestText(sha256(requestBytes));
const exp = Math.ceil(request.expiresAtMs / 1000);

const withKeys = (keys: Readonly<Record<string, readonly unknown[]>>): unknown => ({
  ...BUNDLE,
  approvers: BUNDLE.approvers.map(({ name, keys: own }) => ({ name, keys: [...own, ...(keys[name] ?? [])] })),
});
const bobs = newPasskey();
const carols = newPasskey('Ed25519');
const bundle: TrustBundle = checkTrustBundle(withKeys({ bob: [bobs.publicJwk], carol: [carols.publicJwk] }));
const approval = (iss: string, passkey: TestPasskey): string =>
  approvalBy(passkey, { iss, site: SITE, iat, exp, req, decision: 'approve' });
const count = (approvals: readonly string[], withdrawals: readonly string[] = []) =>
  countApprovals({ request, requestBytes, approvals, withdrawals, bundle, nowMs: START_MS });

describe('passkeys in the trust bundle', () => {
  test('passkeys in the trust bundle are carried by its canonical bytes', () => {
    expect(decodeTrustBundle(encodeTrustBundle(bundle))).toEqual(bundle);
  });

  test('passkeys in the trust bundle count like any approval, by person', async () => {
    const both = await count([approval('bob', bobs), approval('carol', carols)]);
    expect(both).toMatchObject({ approvers: ['bob', 'carol'], discounted: [] });
    const twice = await count([approval('bob', bobs), approval('bob', bobs)]);
    expect(twice).toMatchObject({ approvers: ['bob'], discounted: [{ reason: 'approved already' }] });
  });

  test('passkeys in the trust bundle take back what they signed, and abort', async () => {
    const given = approval('bob', bobs);
    const takeBack = passkeySigningInput(
      'withdrawal',
      { iss: 'bob', site: SITE, iat, exp, req, token: tokenDigest(given) },
      bobs.kid,
    );
    const withdrawal = passkeyToken(takeBack, assertionBy(bobs, passkeyChallenge(takeBack)));
    expect((await count([given], [withdrawal])).approvers).toEqual([]);
    const stop = passkeySigningInput(
      'abort',
      { iss: 'carol', site: SITE, iat, exp, req, reason: 'no' },
      carols.kid,
    );
    const token = passkeyToken(stop, assertionBy(carols, passkeyChallenge(stop)));
    const abort = await verifyAbort({ token, requestBytes, request, bundle, nowMs: START_MS });
    expect(abort).toEqual({ by: 'carol', reason: 'no' });
  });

  const refused: readonly [string, Readonly<Record<string, readonly unknown[]>>, RegExp][] = [
    ['one key for two persons', { bob: [bobs.publicJwk], carol: [bobs.publicJwk] }, /have the same key/],
    [
      'one credential id for two keys',
      { bob: [bobs.publicJwk], carol: [{ ...carols.publicJwk, passkey: bobs.publicJwk.passkey }] },
      /credential id of another/,
    ],
    [
      'a key that is a passkey and stands in a file too',
      { bob: [{ kty: 'OKP', crv: 'Ed25519', x: (carols.publicJwk as { x: string }).x }, carols.publicJwk] },
      /one key twice/,
    ],
    [
      'what is no point of the curve',
      { bob: [{ ...bobs.publicJwk, x: Buffer.alloc(32, 1).toString('base64url') }] },
      /no point of P-256/,
    ],
    [
      'a page without a scheme',
      { bob: [{ ...bobs.publicJwk, passkey: { ...bobs.publicJwk.passkey, origins: ['console.example'] } }] },
      /./,
    ],
  ];
  test.each(refused)('%s is refused', (_what, keys, message) => {
    expect(() => checkTrustBundle(withKeys(keys))).toThrow(message);
  });

  test('passkeys in the trust bundle are for persons only: no controller or root has one', () => {
    const [controller] = BUNDLE.controllers;
    const asController = { ...BUNDLE, controllers: [{ ...controller!, keys: [newPasskey().publicJwk] }] };
    expect(() => checkTrustBundle(asController)).toThrow(/controllers\.0\.keys/);
    const [root] = BUNDLE.roots.members;
    const members = [{ ...root!, keys: [newPasskey().publicJwk] }, ...BUNDLE.roots.members.slice(1)];
    const asRoot = { ...BUNDLE, roots: { ...BUNDLE.roots, members } };
    expect(() => checkTrustBundle(asRoot)).toThrow(/roots\.members\.0\.keys/);
  });
});
