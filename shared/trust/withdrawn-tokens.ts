import { FarcallError } from '../errors/index.ts';
import { type Keyring, verifyToken } from '../tokens/index.ts';

/** What {@link withdrawnTokens} holds withdrawals against. */
export interface WithdrawalsOf {
  /** Digest of the request, as tokens carry it. */
  readonly req: string;
  /** The approvers' keys. */
  readonly keyring: Keyring;
  readonly nowMs: number;
}

/**
 * Which tokens were taken back, each as `SIGNER DIGEST`: a withdrawal takes back only what the same person
 * signed.
 *
 * Threat: somebody takes back what another person decided, above all a rejection. So the names of both
 * signers must be one. A withdrawal that does not verify is passed over; what it would have taken back
 * stands.
 */
export async function withdrawnTokens(
  withdrawals: readonly string[],
  { req, keyring, nowMs }: WithdrawalsOf,
): Promise<ReadonlySet<string>> {
  const withdrawn = new Set<string>();
  for (const token of withdrawals) {
    try {
      const { claims, signer } = await verifyToken('withdrawal', token, { keyring, nowMs });
      if (claims.req === req) withdrawn.add(`${signer} ${claims.token}`);
    } catch (error) {
      if (!(error instanceof FarcallError)) throw error;
    }
  }
  return withdrawn;
}
