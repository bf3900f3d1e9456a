import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  digestText,
  PASSKEY_ALG,
  PASSKEY_KINDS,
  passkeyChallenge,
  passkeySigningInput,
  passkeyToken,
  publicKeyOf,
  sha256,
  TOKEN_KINDS,
  type TokenKind,
  type TrustedKey,
} from '../../../shared/tokens/index.ts';
import { claimsIn, KEYS, SITE, tokenOf } from '../../kit/cast.ts';
import {
  approvalBy,
  assertionBy,
  type Ceremony,
  newPasskey,
  type TestPasskey,
} from '../../kit/keys/passkey-kit.ts';

const NOW_S = 1_900_000_000;
const bob = newPasskey();
const carol = newPasskey('Ed25519');
const file = KEYS.bob;

const trusted = (owner: string, { publicJwk }: TestPasskey): TrustedKey => ({
  owner,
  key: publicKeyOf(publicJwk),
  passkey: publicJwk.passkey,
});
const keyring = new Map<string, TrustedKey>([
  [bob.kid, trusted('bob', bob)],
  [carol.kid, trusted('carol', carol)],
  [file.kid, { owner: 'bob', key: publicKeyOf(file.publicJwk) }],
]);
const CLAIMS = {
  iss: 'bob',
  site: SITE,
  iat: NOW_S,
  exp: NOW_S + 3600,
  req: digestText(sha256(Buffer.from('request'))),
  decision: 'approve',
} as const;
const INPUT = passkeySigningInput('approval', CLAIMS, bob.kid);

const verify = (token: string, kind: TokenKind = 'approval') =>
  claimsIn(kind, token, { keyring, nowMs: NOW_S * 1000 });
const refused = (token: string, code: string) => expect(verify(token)).rejects.toMatchObject({ code });
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a passkey', () => {
  test.each([
    ['P-256', bob, 'bob'],
    ['Ed25519', carol, 'carol'],
  ] as const)('on %s signs what a key in a file signs', async (_curve, passkey, iss) => {
    const token = approvalBy(passkey, { ...CLAIMS, iss });
    expect(await verify(token)).toMatchObject({
      signer: iss,
      kid: passkey.kid,
      claims: { decision: 'approve' },
    });
  });

  test('a passkey signs for every page that is pinned with it', async () => {
    const [origin] = bob.publicJwk.passkey.origins;
    const other = {
      ...trusted('bob', bob),
      passkey: { ...bob.publicJwk.passkey, origins: ['https://b.example', origin!] },
    };
    const options = { keyring: new Map([[bob.kid, other]]), nowMs: NOW_S * 1000 };
    expect((await claimsIn('approval', approvalBy(bob, CLAIMS), options)).signer).toBe('bob');
  });

  const ceremonies: readonly [string, Ceremony, string][] = [
    ['asked by another page', { clientData: { origin: 'https://console.example.evil' } }, 'TOKEN_CLAIMS'],
    ['asked by a page without TLS', { clientData: { origin: 'http://console.example' } }, 'TOKEN_CLAIMS'],
    ['asked by our page in a frame', { clientData: { crossOrigin: true } }, 'TOKEN_CLAIMS'],
    ['asked in a page of another', { clientData: { topOrigin: 'https://evil.example' } }, 'TOKEN_CLAIMS'],
    ['that registers', { clientData: { type: 'webauthn.create' } }, 'TOKEN_CLAIMS'],
    ['that pays', { clientData: { type: 'payment.get' } }, 'TOKEN_CLAIMS'],
    [
      'for another challenge',
      { clientData: { challenge: digestText(sha256(Buffer.from('other'))) } },
      'TOKEN_CLAIMS',
    ],
    ['for another domain', { rpId: 'evil.example' }, 'TOKEN_CLAIMS'],
    ['without its person being there', { flags: 0x04 }, 'TOKEN_CLAIMS'],
    ['without its person being verified', { flags: 0x01 }, 'TOKEN_CLAIMS'],
    ['with data of a registration', { flags: 0x45 }, 'TOKEN_INVALID'],
    ['with too little data', { authenticatorData: Buffer.alloc(36) }, 'TOKEN_INVALID'],
  ];
  test.each(ceremonies)('%s is refused', async (_what, ceremony, code) => {
    await refused(approvalBy(bob, CLAIMS, ceremony), code);
  });

  test('a passkey whose words were changed afterwards is refused', async () => {
    const token = approvalBy(bob, CLAIMS);
    const other = passkeySigningInput('approval', { ...CLAIMS, decision: 'reject' }, bob.kid);
    await refused(other + token.slice(token.lastIndexOf('.')), 'TOKEN_CLAIMS');
  });

  test('a passkey that is not the one it names is refused', async () => {
    const assertion = assertionBy(newPasskey(), passkeyChallenge(INPUT));
    await refused(passkeyToken(INPUT, assertion), 'TOKEN_SIGNATURE');
  });

  test('a passkey speaks in no name but its owner’s', async () => {
    await refused(approvalBy(bob, { ...CLAIMS, iss: 'carol' }), 'TOKEN_CLAIMS');
  });
});

describe('one word has one text', () => {
  const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  /** The third part, with its signature replaced. */
  const withSignature = (signature: Uint8Array): string => {
    const { authenticatorData, clientDataJSON } = assertionBy(bob, passkeyChallenge(INPUT));
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
    const proof = {
      authenticatorData: text(authenticatorData),
      clientDataJSON: text(clientDataJSON),
      signature: text(signature),
    };
    return `${INPUT}.${encode(proof)}`;
  };
  const numberText = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
  const der = (r: Uint8Array, s: Uint8Array): Buffer => {
    const integer = (bytes: Uint8Array) => Buffer.concat([Buffer.of(2, bytes.length), bytes]);
    const both = Buffer.concat([integer(r), integer(s)]);
    return Buffer.concat([Buffer.of(0x30, both.length), both]);
  };
  /** r and s of a true signature, as fixed 32 bytes each. */
  const numbers = (): { r: bigint; s: bigint } => {
    const { authenticatorData, clientDataJSON } = assertionBy(bob, passkeyChallenge(INPUT));
    const signed = Buffer.concat([authenticatorData, sha256(clientDataJSON)]);
    const raw = sign('sha256', signed, { key: bob.privateKey, dsaEncoding: 'ieee-p1363' });
    const at = (from: number) => BigInt(`0x${raw.subarray(from, from + 32).toString('hex')}`);
    const s = at(32);
    return { r: at(0), s: s > ORDER / 2n ? ORDER - s : s };
  };
  const positive = (value: bigint): Buffer => {
    const bytes = numberText(value);
    const trimmed = bytes.subarray(bytes.findIndex(byte => byte !== 0));
    return trimmed[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : Buffer.from(trimmed);
  };

  test('the smaller s is taken, and the token brings every signature into that form', async () => {
    const { r, s } = numbers();
    expect((await verify(withSignature(der(positive(r), positive(s))))).signer).toBe('bob');
    for (let times = 0; times < 16; times++) await verify(approvalBy(bob, CLAIMS));
  });

  test('the larger s, which holds as well, is refused', async () => {
    const { r, s } = numbers();
    await refused(withSignature(der(positive(r), positive(ORDER - s))), 'TOKEN_INVALID');
  });

  test('numbers with needless zeros, and bytes behind them, are refused', async () => {
    const { r, s } = numbers();
    await refused(
      withSignature(der(Buffer.concat([Buffer.of(0), positive(r)]), positive(s))),
      'TOKEN_INVALID',
    );
    await refused(
      withSignature(Buffer.concat([der(positive(r), positive(s)), Buffer.of(0)])),
      'TOKEN_INVALID',
    );
    await refused(withSignature(der(Buffer.of(0), positive(s))), 'TOKEN_INVALID');
  });

  test('an assertion with another member, or in another order, is refused', async () => {
    const [header, claims, part] = approvalBy(bob, CLAIMS).split('.') as [string, string, string];
    const proof = JSON.parse(Buffer.from(part, 'base64url').toString());
    const { signature, ...rest } = proof;
    await refused(`${header}.${claims}.${encode({ ...proof, userHandle: '' })}`, 'TOKEN_INVALID');
    await refused(`${header}.${claims}.${encode({ ...rest, signature: `${signature}=` })}`, 'TOKEN_INVALID');
    const spaced = Buffer.from(` ${JSON.stringify(proof)}`).toString('base64url');
    await refused(`${header}.${claims}.${spaced}`, 'TOKEN_INVALID');
  });
});

describe('a key signs in its own way only', () => {
  test('a passkey’s key does not sign as if it were in a file', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const x = (publicKey.export({ format: 'jwk' }) as { x: string }).x;
    const publicJwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
    const kid = 'the-passkey';
    const asPasskey = { owner: 'bob', key: publicKeyOf(publicJwk), passkey: bob.publicJwk.passkey };
    const token = await tokenOf('approval', CLAIMS, {
      ...{ kid, publicJwk },
      sign: async data => sign(null, data, privateKey),
    });
    const options = { keyring: new Map([[kid, asPasskey]]), nowMs: NOW_S * 1000 };
    await expect(claimsIn('approval', token, options)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });

  test('a key in a file does not sign as if it were a passkey', async () => {
    const input = passkeySigningInput('approval', CLAIMS, file.kid);
    const as = { ...newPasskey('Ed25519'), privateKey: file.privateKey };
    await refused(passkeyToken(input, assertionBy(as, passkeyChallenge(input))), 'TOKEN_INVALID');
  });

  test('kinds that are not a person’s word about a request or a host are not taken from a passkey', async () => {
    const onRequests = ['request', 'approval', 'withdrawal', 'abort', 'review', 'action'];
    expect(PASSKEY_KINDS).toEqual([...onRequests, 'hostRemoval']);
    for (const [kind, { typ }] of Object.entries(TOKEN_KINDS) as [TokenKind, { typ: string }][]) {
      if (PASSKEY_KINDS.includes(kind)) continue;
      const input = `${encode({ alg: PASSKEY_ALG, typ, kid: bob.kid })}.${encode(CLAIMS)}`;
      const token = passkeyToken(input, assertionBy(bob, passkeyChallenge(input)));
      await expect(verify(token, kind)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
    }
  });
});

test('whatever is done to a token, the answer is an error of ours or a refusal', async () => {
  const token = Buffer.from(approvalBy(bob, CLAIMS));
  const changes = fc.array(fc.tuple(fc.nat(token.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(changes, async list => {
      const bytes = Buffer.from(token);
      for (const [at, value] of list) bytes[at] = value;
      const changed = bytes.toString('latin1');
      if (changed === token.toString('latin1')) return;
      await expect(verify(changed)).rejects.toBeInstanceOf(FarcallError);
    }),
    { numRuns: 2000 },
  );
});

test('whatever an assertion holds, the answer is an error of ours', async () => {
  const part = fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes).toString('base64url'));
  const clientData = fc.json().map(text => Buffer.from(text).toString('base64url'));
  const proofs = fc.record({
    authenticatorData: part,
    clientDataJSON: fc.oneof(part, clientData),
    signature: part,
  });
  await fc.assert(
    fc.asyncProperty(proofs, async proof => {
      await expect(verify(`${INPUT}.${encode(proof)}`)).rejects.toBeInstanceOf(FarcallError);
    }),
    { numRuns: 1000 },
  );
});
