import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  digestText,
  PASSKEY_KINDS,
  passkeyChallenge,
  passkeySigningInput,
  passkeyToken,
  publicKeyOf,
  sha256,
  TOKEN_KINDS,
  type TokenContent,
  type TokenKind,
} from '../../../shared/tokens/index.ts';
import { claimsIn, KEYS, OTHER_SITE, SITE, tokenOf } from '../../kit/cast.ts';
import { assertionBy, newPasskey } from '../../kit/keys/passkey-kit.ts';

const NOW_S = 1_900_000_000;
const digest = digestText(sha256(Buffer.from('bytes')));
const whole = { from: 0, to: 2 ** 32 };

/** What a token of each kind says beside who, where and when. */
const CONTENT: { readonly [K in TokenKind]: Omit<TokenContent<K>, 'iss' | 'site' | 'iat' | 'exp'> } = {
  request: { req: digest },
  approval: { req: digest, decision: 'approve' },
  withdrawal: { req: digest, token: digest },
  abort: { req: digest, reason: 'it hangs' },
  action: { jti: 'action-of-test', req: digest, action: 'pause', wave: 0, reason: 'to look' },
  hostRemoval: { host: 'web-1', kid: digest, reason: 'x' },
  hostLabels: { host: 'web-1', kid: digest, number: 1, labels: { role: 'db' }, reason: 'x' },
  lock: { jti: 'lock-of-test', what: 'host', name: 'web-1', reason: 'x' },
  unlock: { lock: digest, reason: 'x' },
  hostAcceptance: { host: 'web-1', kid: digest, heldMs: NOW_S * 1000, reason: 'x' },
  enrolmentRevocation: { enrolment: 'abcd', host: 'web-1' },
  review: { req: digest, verdict: 'accept', reason: 'it had to be' },
  order: {
    ...{ jti: 'order-of-test', nbf: NOW_S, req: digest, attempt: 1, trustVersion: 3, wave: 1 },
    slice: whole,
  },
  plan: { sha256: digest },
  types: { sha256: digest },
  result: { what: 'result', sha256: digest },
  checkpoint: { store: 'a'.repeat(32), seq: 1, hash: digest },
  witness: { store: 'a'.repeat(32), seq: 1, hash: digest, entryAtMs: NOW_S * 1000 },
  committed: { results: [digest] },
  admission: { host: 'web-1', incarnation: 'A'.repeat(22) },
  enrolment: { sha256: digest },
  hostEnrolment: { sha256: digest },
  operator: { jti: 'call-of-test', method: '/farcall.v1.Operator/ListHosts', sha256: digest },
  freshness: { version: 3, sha256: digest },
  trust: { version: 3, sha256: digest },
};
const kinds = Object.keys(TOKEN_KINDS) as TokenKind[];

function contentOf<K extends TokenKind>(kind: K, site: string): TokenContent<K> {
  const exp = kind === 'trust' ? {} : { exp: NOW_S + 30 };
  return { iss: 'bob', site, iat: NOW_S, ...exp, ...CONTENT[kind] } as unknown as TokenContent<K>;
}

const anySite = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(digestText);
const keyring = new Map([[KEYS.bob.kid, { owner: 'bob', key: publicKeyOf(KEYS.bob.publicJwk) }]]);
const atSite = { keyring, nowMs: NOW_S * 1000 };
const refusal = (theirs: string, here: string) => ({
  code: 'SITE_OTHER',
  message: expect.stringContaining(`is for site ${theirs.slice(0, 12)}, this is ${here.slice(0, 12)}`),
});

describe('a token of another site, by the same person with the same key, is refused', () => {
  test.each(kinds)(
    'a token of another site, by the same person with the same key, is refused as a token of kind %s',
    async kind => {
      await fc.assert(
        fc.asyncProperty(anySite, anySite, async (theirs, here) => {
          const token = await tokenOf(kind, contentOf(kind, theirs), KEYS.bob);
          expect((await claimsIn(kind, token, { ...atSite, site: theirs })).signer).toBe('bob');
          if (theirs === here) return;
          await expect(claimsIn(kind, token, { ...atSite, site: here })).rejects.toMatchObject(
            refusal(theirs, here),
          );
        }),
        { numRuns: 20 },
      );
    },
  );

  test.each(kinds.filter(kind => PASSKEY_KINDS.includes(kind)))(
    'a token of another site, by the same person with the same key, is refused where a passkey signed it, as a token of kind %s',
    async kind => {
      const passkey = newPasskey();
      const trusted = {
        owner: 'bob',
        key: publicKeyOf(passkey.publicJwk),
        passkey: passkey.publicJwk.passkey,
      };
      const input = passkeySigningInput(kind, contentOf(kind, OTHER_SITE), passkey.kid);
      const token = passkeyToken(input, assertionBy(passkey, passkeyChallenge(input)));
      const options = { keyring: new Map([[passkey.kid, trusted]]), nowMs: NOW_S * 1000 };
      expect((await claimsIn(kind, token, { ...options, site: OTHER_SITE })).signer).toBe('bob');
      await expect(claimsIn(kind, token, options)).rejects.toMatchObject(refusal(OTHER_SITE, SITE));
    },
  );

  test('a token without a site cannot be made', async () => {
    const { site: _site, ...rest } = contentOf('approval', SITE);
    await expect(
      tokenOf('approval', { ...rest, site: undefined } as unknown as TokenContent<'approval'>, KEYS.bob),
    ).rejects.toMatchObject({ code: 'TOKEN_CLAIMS', message: expect.stringContaining('site') });
  });
});
