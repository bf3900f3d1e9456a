import { reasonOf } from '../../../../shared/errors/index.ts';
import type { TrustBundle } from '../../../../shared/trust/index.ts';
import type { ReplayKey } from '../../../store/index.ts';
import {
  type ReportFinding,
  trustedAt,
  type VerifiedSigners,
  type VerifyContext,
} from '../../replay/index.ts';

/** Who a row says has signed, and why. */
interface Signed {
  readonly signer: string;
  readonly reason: string;
}

/**
 * What `verify` says of a person's token by the trust bundle of that time; undefined, with a finding, if it
 * is not valid or by somebody else than the row says.
 */
export async function verifiedSignature<V extends { readonly by: string; readonly reason: string }>(
  { signer, reason }: Signed,
  { trust, context, report }: { trust: number; context: VerifyContext; report: ReportFinding },
  verify: (bundle: TrustBundle) => Promise<V>,
): Promise<V | undefined> {
  const trusted = trustedAt(trust, context, report);
  if (!trusted) return undefined;
  try {
    const verified = await verify(trusted.bundle);
    if (verified.by !== signer) report('content', `it is signed by ${verified.by}`);
    if (verified.reason !== reason) report('content', 'its token gives another reason');
    return verified.by === signer ? verified : undefined;
  } catch (error) {
    report('signature', reasonOf(error));
    return undefined;
  }
}

/** Adds a person to those whose signatures were valid for what `key` names. */
export function countSigner(key: ReplayKey, signer: string, { replay }: VerifyContext): void {
  const { names } = replay.get<VerifiedSigners>(key) ?? { names: [] };
  replay.put(key, { names: [...new Set([...names, signer])].sort() } satisfies VerifiedSigners);
}
