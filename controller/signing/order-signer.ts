import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { Slice } from '../../shared/targets/index.ts';
import { digestText, keyId, type SigningKey, signToken } from '../../shared/tokens/index.ts';
import type { TrustBundle } from '../../shared/trust/index.ts';

/** What an order says. */
export interface OrderContent {
  /** SHA-256 of the request bytes. */
  readonly requestDigest: Uint8Array;
  readonly expiresAtMs: number;
  readonly attempt: number;
  readonly wave: number;
  readonly slice: Slice;
}

/** An order, and the id that results name it by. */
export interface SignedOrder {
  readonly id: string;
  readonly token: string;
}

/** Signs orders in the controller's name. */
export interface OrderSigner {
  sign(content: OrderContent): Promise<SignedOrder>;
}

/**
 * The signer of the controller `name`. Throws CONFIG_INVALID where the trust bundle does not list this key under that
 * name: every host would refuse its orders, and it is better to hear of that at the start.
 */
export function orderSigner(name: string, key: SigningKey, bundle: TrustBundle, clock: Clock): OrderSigner {
  const keys = bundle.controllers.find(controller => controller.name === name)?.keys ?? [];
  if (!keys.some(jwk => keyId(jwk) === key.kid)) {
    throw new FarcallError(
      'CONFIG_INVALID',
      `the trust bundle does not list the key ${key.kid} under the controller '${name}'; hosts would refuse its orders`,
    );
  }
  return {
    async sign({ requestDigest, expiresAtMs, attempt, wave, slice }) {
      const id = randomUUID();
      const iat = Math.floor(clock.nowMs() / 1000);
      const token = await signToken(
        'order',
        {
          iss: name,
          iat,
          nbf: iat,
          exp: Math.floor(expiresAtMs / 1000),
          jti: id,
          req: digestText(requestDigest),
          attempt,
          wave,
          slice: { from: slice.from, to: slice.to },
        },
        key,
      );
      return { id, token };
    },
  };
}
