import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { newChallenge, passkeyFile } from '../../../../controller/console/index.ts';
import { passkeyJwkSchema } from '../../../../shared/tokens/index.ts';
import { codeOf, controllerParts } from '../../../kit/controller-kit.ts';
import { registerPasskey } from '../../../kit/passkey-kit.ts';

const CONFIG = {
  ...{ listen: '127.0.0.1:0', origin: 'https://console.example' },
  ...{ sessionMs: 8 * 3_600_000, idleMs: 900_000 },
};

describe('a new passkey', () => {
  let parts: ReturnType<typeof controllerParts> & { readonly config: typeof CONFIG };

  beforeEach(() => {
    parts = { ...controllerParts(), config: CONFIG };
  });

  const registration = async (origin = CONFIG.origin) => {
    const challenge = await newChallenge(parts, 'registration');
    return registerPasskey(challenge, origin).registration;
  };

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
