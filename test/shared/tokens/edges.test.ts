import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  passkeyChallenge,
  passkeySigningInput,
  providerKeys,
  publicKeyOf,
  sha256,
  splitCanonicalToken,
  TOKEN_LIMIT_CHARS,
  verifyPasskeyAssertion,
} from '../../../shared/tokens/index.ts';
import { verifySignature } from '../../../shared/tokens/verify-signature.ts';
import { KEYS, SITE } from '../../kit/cast.ts';
import { assertionBy, newPasskey, ORIGIN, RP_ID } from '../../kit/keys/passkey-kit.ts';

const part = (value: string | object): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

describe('the text of a token', () => {
  test('the text of a token is looked at up to its limit, and not beyond', () => {
    const long = (chars: number): string => `A.${'A'.repeat(chars - 4)}.A`;
    expect(() => splitCanonicalToken(long(TOKEN_LIMIT_CHARS))).toThrow(/canonical base64url/);
    expect(() => splitCanonicalToken(long(TOKEN_LIMIT_CHARS + 1))).toThrow(
      /8193 characters are over the limit/,
    );
  });

  test.each([
    ['the payload is not JSON', `${part({})}.${part('{')}.AA`],
    ['the header is not JSON', `${part('x')}.${part({})}.AA`],
    ['the payload is not UTF-8', `${part({})}._w.AA`],
    ['the payload is not an object', `${part({})}.${part('[]')}.AA`],
    ['not three parts with a dot between', `${part({})}.${part({})}`],
    ['not three parts with a dot between', `${part({})}.${part({})}.`],
  ])('the text of a token is refused because %s', (why, token) => {
    expect(() => splitCanonicalToken(token)).toThrow(
      expect.objectContaining({ code: 'TOKEN_INVALID', message: `token: ${why}` }),
    );
  });

  test('a text without a dot has no signature', async () => {
    const key = publicKeyOf(KEYS.bob.publicJwk);
    await expect(verifySignature('text', key, { algorithms: ['EdDSA'], what: 'it' })).rejects.toMatchObject({
      ...{ code: 'TOKEN_INVALID', message: 'it: not a compact JWS' },
    });
  });
});

describe('what a passkey is asked to sign', () => {
  const { kid } = newPasskey();
  const order = { iss: 'bob', site: SITE, iat: 1, exp: 2, req: 'A'.repeat(43) };

  test('what a passkey is asked to sign is a decision about a request, with the claims of its kind', () => {
    expect(() => passkeySigningInput('request', order, kid)).not.toThrow();
    const refusal = expect.objectContaining({ code: 'TOKEN_CLAIMS' });
    expect(() => passkeySigningInput('request', { ...order, req: 'short' }, kid)).toThrow(refusal);
    const statement = { iss: 'bob', site: SITE, iat: 1, version: 1, sha256: 'A'.repeat(43) };
    expect(() => passkeySigningInput('trust', statement, kid)).toThrow(refusal);
  });

  test('an assertion says nothing of frames where a browser does not', () => {
    const passkey = newPasskey('Ed25519');
    const challenge = passkeyChallenge('input');
    const trusted = { key: publicKeyOf(passkey.publicJwk), use: passkey.publicJwk.passkey };
    const checked = (clientData: object) => () =>
      verifyPasskeyAssertion(
        { assertion: assertionBy(passkey, challenge, { clientData: { ...clientData } }), challenge },
        trusted,
        'it',
      );
    expect(checked({ crossOrigin: undefined })).not.toThrow();
    expect(checked({ crossOrigin: false })).not.toThrow();
    expect(checked({ crossOrigin: 'false' })).toThrow(expect.objectContaining({ code: 'TOKEN_CLAIMS' }));
  });

  test('a passkey with a key of another kind is a fault', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const challenge = sha256(Buffer.from('x'));
    const use = { credentialId: 'AA', rpId: RP_ID, origins: [ORIGIN] };
    const assertion = { ...assertionBy(newPasskey(), challenge), signature: Buffer.alloc(256) };
    expect(() => verifyPasskeyAssertion({ assertion, challenge }, { key: publicKey, use }, 'it')).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

test('the keys of a provider are fetched from its address by the function that is given', async () => {
  const asked: string[] = [];
  const { publicKey } = generateKeyPairSync('ed25519');
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'EdDSA' };
  const keys = providerKeys(new URL('https://id.example/keys'), async address => {
    asked.push(String(address));
    return new Response(JSON.stringify({ keys: [jwk] }), { headers: { 'content-type': 'application/json' } });
  });
  await expect(keys({ alg: 'EdDSA', kid: 'one' }, { payload: '', signature: '' })).resolves.toBeDefined();
  expect(asked).toEqual(['https://id.example/keys']);
});
