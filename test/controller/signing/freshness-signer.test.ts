import { describe, expect, it } from 'vitest';
import { freshnessSigner } from '../../../controller/signing/index.ts';
import { freshnessPublisher } from '../../../controller/trust/index.ts';
import { bundleStatementCodec } from '../../../shared/messages/index.ts';
import { digestText, type SigningKey } from '../../../shared/tokens/index.ts';
import { keyringOf, reopenBundle, type VerifiedBundle } from '../../../shared/trust/index.ts';
import { BUNDLE, claimsIn, KEYS } from '../../kit/cast.ts';
import { testClock } from '../../kit/controller-kit.ts';
import { signedBy } from '../../kit/keys/trust-kit.ts';

describe("a controller's statement of the newest trust bundle", () => {
  const clock = testClock();
  const signer = (newest: VerifiedBundle | undefined, key: SigningKey = KEYS['ctl-1']) =>
    freshnessSigner({ name: 'ctl-1', key, newest: () => newest, clock });

  it("a controller's statement of the newest trust bundle names version and digest of the bundle, and lives for ten minutes", async () => {
    const newest = await reopenBundle(signedBy(BUNDLE));
    const keyring = keyringOf(BUNDLE.controllers);
    const token = (await signer(newest)())!;
    const { claims, signer: iss } = await claimsIn('freshness', token, { keyring, nowMs: clock.nowMs() });
    expect([iss, claims.version, claims.sha256, claims.exp - claims.iat]).toEqual([
      'ctl-1',
      BUNDLE.version,
      digestText(newest.digest),
      600,
    ]);
  });

  it("a controller's statement of the newest trust bundle is not made without a bundle, or by a key that the bundle does not list", async () => {
    expect(await signer(undefined)()).toBeUndefined();
    expect(await signer(await reopenBundle(signedBy(BUNDLE)), KEYS.bob)()).toBeUndefined();
  });

  it("a controller's statement of the newest trust bundle is published each minute, and at once where a clock was set back", async () => {
    const sent: string[] = [];
    const publish = async (subject: string, bytes: Uint8Array): Promise<void> =>
      void sent.push(`${subject} ${bundleStatementCodec.decode(bytes).token}`);
    let made = 0;
    const parts = { signFreshness: async () => `token-${made++}`, bus: { publish }, clock };
    const task = freshnessPublisher();
    for (const advanceMs of [0, 30_000, 29_999, 1, 0, -3_600_000]) {
      clock.advance(advanceMs);
      await task(parts);
    }
    expect(sent).toEqual([0, 1, 2].map(number => `farcall.freshness token-${number}`));
  });
});
