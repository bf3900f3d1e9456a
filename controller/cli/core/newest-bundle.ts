import { FarcallError } from '../../../shared/errors/index.ts';
import { type BundleFile, decodeTrustBundle } from '../../../shared/trust/index.ts';
import type { OperatorClient } from '../session/index.ts';

/**
 * The newest trust bundle of the controller, which is the last on the pages of its answer. Throws
 * TRUST_MISSING.
 */
export async function fetchNewestBundle(client: OperatorClient): Promise<BundleFile> {
  for (let afterVersion = 0; ; ) {
    const { bundles, lastVersion, newestVersion } = await client.call('getTrust', { afterVersion });
    const signed = bundles.at(-1);
    if (!signed || lastVersion <= afterVersion)
      throw new FarcallError(
        'TRUST_MISSING',
        'the controller has no trust bundle yet; farcall trust publish sends one',
      );
    if (lastVersion >= newestVersion) return { bundle: decodeTrustBundle(signed.bundle), signed };
    afterVersion = lastVersion;
  }
}
