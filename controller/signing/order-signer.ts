import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import type { Slice } from '../../shared/targets/index.ts';
import { digestText, keyId, type SigningKey, signToken } from '../../shared/tokens/index.ts';
import type { TrustBundle } from '../../shared/trust/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The claims and the request of an order to sign. */
export interface OrderContent {
  /** SHA-256 of the request bytes. */
  readonly requestDigest: Uint8Array;
  readonly expiresAtMs: number;
  readonly attempt: number;
  readonly wave: number;
  readonly slice: Slice;
  /** For a retry: it is for hosts that ended with one of these outcomes. */
  readonly only?: readonly Outcome[];
}

/** An order, and the id that results name it by. */
export interface SignedOrder {
  /** Version of the trust bundle that it names. */
  readonly trustVersion: number;
  readonly id: string;
  readonly token: string;
}

/** Signs orders in the controller's name. */
export interface OrderSigner {
  /**
   * Throws CONFIG_INVALID if the trust bundle does not list this key under this name, because every host
   * would refuse its orders; and the codes of the trust source.
   */
  check(): void;
  sign(content: OrderContent): Promise<SignedOrder>;
}

/**
 * The signer of the controller `name`. The current trust bundle decides whether hosts accept its orders. Each
 * order names the version of that bundle, so that a host with an older one fetches it before it verifies the
 * order.
 */
export function orderSigner(name: string, key: SigningKey, trust: TrustSource, clock: Clock): OrderSigner {
  const currentBundle = (): TrustBundle => {
    const bundle = trust.current();
    const keys = bundle.controllers.find(controller => controller.name === name)?.keys ?? [];
    if (keys.some(jwk => keyId(jwk) === key.kid)) return bundle;
    throw new FarcallError(
      'CONFIG_INVALID',
      `trust bundle ${bundle.version} does not list the key ${key.kid} under the controller '${name}'; hosts would refuse its orders`,
    );
  };
  return {
    check: () => void currentBundle(),
    async sign({ requestDigest, expiresAtMs, attempt, wave, slice, only }) {
      const { site, version: trustVersion } = currentBundle();
      const id = randomUUID();
      const iat = Math.floor(clock.nowMs() / 1000);
      const token = await signToken(
        'order',
        {
          iss: name,
          site,
          iat,
          nbf: iat,
          exp: Math.floor(expiresAtMs / 1000),
          jti: id,
          req: digestText(requestDigest),
          attempt,
          trustVersion,
          wave,
          slice: { from: slice.from, to: slice.to },
          ...(only && { only: [...only] }),
        },
        key,
      );
      return { id, token, trustVersion };
    },
  };
}
