import { createUser } from '@nats-io/nkeys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redeemEnrolment, redemptionLimit } from '../../../controller/enrolment/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import { enrolmentClaimCodec, redemptionCodec } from '../../../shared/messages/index.ts';
import { keyPairOfSeed } from '../../../shared/tokens/index.ts';
import { HOSTS } from '../../kit/cast.ts';
import { codeOf, controllerParts } from '../../kit/controller-kit.ts';

/** What is before the store; a redemption that gets as far as that is a failure of the test. */
function deps() {
  const parts = controllerParts();
  const redeem = async (): Promise<never> => {
    throw new Error('it reached the store');
  };
  const hostCredentials = { lifeMs: 1, issue: redeem };
  const replyParts = { natsServers: [], natsCa: new Uint8Array(), roots: () => new Uint8Array() };
  return { ...parts, enrolments: { redeem }, hostCredentials, replyParts };
}

describe('what anybody may send to become a host', () => {
  it('what anybody may send to become a host is a redemption or a FarcallError, whatever the bytes are, and nothing reaches the store', async () => {
    const { kid, publicJwk } = keyPairOfSeed(Buffer.alloc(32, 1));
    const claim = enrolmentClaimCodec.encode({
      protocol: 1,
      host: 'web-1',
      enrolmentKid: kid,
      publicKey: JSON.stringify(HOSTS.one.key.publicJwk),
      nkey: createUser().getPublicKey(),
    });
    const enrolmentKey = JSON.stringify(publicJwk);
    const tokens = { enrolmentSignature: 'a.b.c', keySignature: 'a.b.c' };
    const good = { claim, enrolmentKey, ...tokens, nkeySignature: new Uint8Array(64) };
    const encoded = redemptionCodec.encode(good);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(encoded.length - 1), fc.nat(255)).map(([at, value]) => {
        const changed = Uint8Array.from(encoded);
        changed[at] = value;
        return changed;
      }),
      fc.uint8Array({ maxLength: 200 }).map(stray => redemptionCodec.encode({ ...good, claim: stray })),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async input => {
        const parts = deps();
        const redeeming = (async () => {
          await redeemEnrolment(
            { ...parts, limit: redemptionLimit(parts.clock) },
            redemptionCodec.decode(input),
          );
        })();
        await expect(redeeming).rejects.toBeInstanceOf(FarcallError);
      }),
    );
  });

  it('what anybody may send to become a host is not looked at beyond the limit, and not taken over its size', async () => {
    const parts = deps();
    const limit = (): void => {
      throw new FarcallError('RATE_LIMITED', 'enough');
    };
    const nothing = {
      claim: new Uint8Array(),
      enrolmentKey: '{}',
      enrolmentSignature: 'a',
      keySignature: 'a',
      nkeySignature: new Uint8Array(64),
    };
    expect(await codeOf(redeemEnrolment({ ...parts, limit }, nothing))).toBe('RATE_LIMITED');
    expect(() => redemptionCodec.decode(new Uint8Array(16_385))).toThrow(/over the limit/);
  });
});
