import { FarcallError } from '../errors/index.ts';
import { type Keyring, verifyToken } from '../tokens/index.ts';

/** The request, the site and the keys with which withdrawals are compared. */
export interface WithdrawalLookup {
  /** Digest of the request in base64url, as tokens contain it. */
  readonly req: string;
  readonly site: string;
  /** The approvers' keys. */
  readonly keyring: Keyring;
  readonly nowMs: number;
}

/**
 * The tokens that were withdrawn, each as `SIGNER DIGEST`: a withdrawal only affects what the same person
 * signed.
 *
 * Threat: somebody withdraws the decision of another person, above all a rejection. So both signers must have
 * the same name. A withdrawal that does not verify is ignored, and the decision remains active.
 */
export async function withdrawnTokens(
  withdrawals: readonly string[],
  { req, site, keyring, nowMs }: WithdrawalLookup,
): Promise<ReadonlySet<string>> {
  const withdrawn = new Set<string>();
  for (const token of withdrawals) {
    try {
      // A withdrawal lasts as the rejection does that it withdraws.
      const options = { site, keyring, nowMs, isLasting: () => true };
      const { claims, signer } = await verifyToken('withdrawal', token, options);
      if (claims.req === req) withdrawn.add(`${signer} ${claims.token}`);
    } catch (error) {
      if (!(error instanceof FarcallError)) throw error;
    }
  }
  return withdrawn;
}
