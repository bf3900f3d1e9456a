import { sign } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  newChallenge,
  passkeyFile,
  registrationSchema,
} from '../../../../controller/console/session/index.ts';
import { passkeyJwkSchema } from '../../../../shared/tokens/index.ts';
import { codeOf, controllerParts } from '../../../kit/controller-kit.ts';
import { newPasskey, type Registration, registerPasskey } from '../../../kit/keys/passkey-kit.ts';

const CONFIG = {
  ...{ listen: '127.0.0.1:0', origin: 'https://console.example' },
  ...{ sessionMs: 8 * 3_600_000, idleMs: 900_000 },
};
/** A signature by another key over other bytes. */
const SIGNED_ELSEWHERE = sign('sha256', Buffer.from('x'), newPasskey().privateKey);

describe('a new passkey', () => {
  let parts: ReturnType<typeof controllerParts> & { readonly config: typeof CONFIG };

  beforeEach(() => {
    parts = { ...controllerParts(), config: CONFIG };
  });

  const registration = async (origin = CONFIG.origin, changes: Registration = {}) => {
    const challenge = await newChallenge(parts, 'registration');
    return registerPasskey(challenge, origin, changes).registration;
  };
  /** A COSE_Key {1: kty, 3: alg}, and `more`; the numbers are in CBOR. */
  const coseKey = (kty: number, alg: number[], ...more: number[]): Uint8Array =>
    Buffer.of(0xa2 + more.length / 2, 1, kty, 3, ...alg, ...more);

  it('a new passkey becomes a key that the trust bundle accepts, for this console', async () => {
    const file = passkeyJwkSchema.parse(await passkeyFile(parts, await registration()));
    expect(file.passkey).toMatchObject({ rpId: 'console.example', origins: [CONFIG.origin] });
  });

  it('a new passkey is refused if its challenge was used, is too old, or is for signing in', async () => {
    const used = await registration();
    await passkeyFile(parts, used);
    expect(await codeOf(passkeyFile(parts, used))).toBe('UNAUTHENTICATED');
    const old = await registration();
    parts.clock.advance(120_001);
    expect(await codeOf(passkeyFile(parts, old))).toBe('UNAUTHENTICATED');
    const signIn = registerPasskey(await newChallenge(parts, 'challenge'), CONFIG.origin).registration;
    expect(await codeOf(passkeyFile(parts, signIn))).toBe('UNAUTHENTICATED');
  });

  it('a new passkey for another page is refused', async () => {
    expect(await codeOf(passkeyFile(parts, await registration('https://evil.example')))).toBe(
      'TOKEN_INVALID',
    );
  });

  it('a new passkey of Ed25519 becomes a key as well', async () => {
    const file = await passkeyFile(parts, await registration(CONFIG.origin, { isEdwards: true }));
    expect(passkeyJwkSchema.parse(file)).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
  });

  it.each<[string, Registration, string]>([
    ['was made without its person', { flags: 0x41 }, 'User verification'],
    ['has an algorithm that hosts do not verify', { coseKey: coseKey(3, [0x39, 1, 0]) }, 'public key alg'],
    ['has a key of RSA under the name of ES256', { coseKey: coseKey(3, [0x26]) }, 'hosts cannot verify'],
    ['is attested by a signature that is none', { attestedBy: Buffer.alloc(70, 0x30) }, ''],
    ['is attested by a signature over something else', { attestedBy: SIGNED_ELSEWHERE }, 'its attestation'],
  ])('a new passkey that %s is refused', async (_what, changes, why) => {
    await expect(passkeyFile(parts, await registration(CONFIG.origin, changes))).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
      message: expect.stringContaining(why),
    });
  });

  it.each([
    ['clientDataJSON', 4096],
    ['attestationObject', 16_384],
  ] as const)('the %s of a registration is base64url of at most %i characters', (name, limit) => {
    const sent = { clientDataJSON: 'Aw', attestationObject: 'BA' };
    const takes = (change: object): boolean => registrationSchema.safeParse({ ...sent, ...change }).success;
    expect(takes({ [name]: 'A'.repeat(limit) })).toBe(true);
    for (const text of ['A'.repeat(limit + 1), '', '!AA', 'AA!', 'AA==', 'A+/A'])
      expect(takes({ [name]: text }), text).toBe(false);
    expect(takes({ more: 'AA' })).toBe(false);
  });

  it('any bytes are either a key or refused with one of our error codes', async () => {
    const refused = async (attestationObject: Uint8Array): Promise<void> => {
      const { clientDataJSON } = await registration();
      const sent = {
        clientDataJSON,
        attestationObject: Buffer.from(attestationObject).toString('base64url'),
      };
      try {
        passkeyJwkSchema.parse(await passkeyFile(parts, sent));
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'TOKEN_INVALID' });
      }
    };
    const good = Buffer.from((await registration()).attestationObject, 'base64url');
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 600 }), refused));
    const change = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(good.length - 1),
        (edits, cut) => {
          const bytes = Buffer.from(cut % 4 === 0 ? good.subarray(0, cut + 1) : good);
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          return refused(bytes);
        },
      ),
      { numRuns: 300 },
    );
  });
});
