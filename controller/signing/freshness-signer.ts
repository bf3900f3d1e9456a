import type { Clock } from '../../shared/clock/index.ts';
import { digestText, keyId, type SigningKey, signToken, TOKEN_KINDS } from '../../shared/tokens/index.ts';
import type { VerifiedBundle } from '../../shared/trust/index.ts';

/**
 * Signs, in the controller's name, which trust bundle is the newest that it knows. Undefined if there is
 * none, or if that bundle does not list this controller: then no host would believe it.
 */
export type FreshnessSigner = () => Promise<string | undefined>;

/** The inputs of {@link freshnessSigner}. */
export interface FreshnessSignerOptions {
  readonly name: string;
  readonly key: SigningKey;
  readonly newest: () => VerifiedBundle | undefined;
  readonly clock: Clock;
}

/**
 * How long one statement is given out before the next is signed: thousands of hosts may ask at one moment.
 */
const REUSE_MS = 10_000;

/** The {@link FreshnessSigner} of the controller `name`. */
export function freshnessSigner({ name, key, newest, clock }: FreshnessSignerOptions): FreshnessSigner {
  let last:
    | { readonly of: VerifiedBundle; readonly atMs: number; readonly token: Promise<string> }
    | undefined;
  return async () => {
    const bundle = newest();
    if (!bundle || !lists(bundle, name, key)) return undefined;
    const nowMs = clock.nowMs();
    if (last?.of === bundle && nowMs >= last.atMs && nowMs - last.atMs < REUSE_MS) return last.token;
    const iat = Math.floor(nowMs / 1000);
    const exp = iat + TOKEN_KINDS.freshness.maxAgeS;
    const { site, version } = bundle.bundle;
    const claims = { iss: name, site, iat, exp, version, sha256: digestText(bundle.digest) };
    last = { of: bundle, atMs: nowMs, token: signToken('freshness', claims, key) };
    return last.token;
  };
}

function lists({ bundle }: VerifiedBundle, name: string, { kid }: SigningKey): boolean {
  const keys = bundle.controllers.find(controller => controller.name === name)?.keys ?? [];
  return keys.some(jwk => keyId(jwk) === kid);
}
