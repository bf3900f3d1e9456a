import type { Clock } from '../../shared/clock/index.ts';
import { digestText, type SigningKey, sha256, signToken, TOKEN_KINDS } from '../../shared/tokens/index.ts';

/** Signs, in the controller's name, a query for a plan. */
export type PlanSigner = (query: Uint8Array) => Promise<string>;

/** Signs, in the controller's name, a question for the types of a kernel. */
export type TypesSigner = (query: Uint8Array) => Promise<string>;

/** The {@link PlanSigner} of the controller `name`. */
export function planSigner(name: string, key: SigningKey, clock: Clock): PlanSigner {
  return query => signQuestion('plan', query, { name, key, clock });
}

/** The {@link TypesSigner} of the controller `name`. */
export function typesSigner(name: string, key: SigningKey, clock: Clock): TypesSigner {
  return query => signQuestion('types', query, { name, key, clock });
}

interface Signer {
  readonly name: string;
  readonly key: SigningKey;
  readonly clock: Clock;
}

function signQuestion(
  kind: 'plan' | 'types',
  query: Uint8Array,
  { name, key, clock }: Signer,
): Promise<string> {
  const iat = Math.floor(clock.nowMs() / 1000);
  const exp = iat + TOKEN_KINDS[kind].maxAgeS;
  return signToken(kind, { iss: name, iat, exp, sha256: digestText(sha256(query)) }, key);
}
