import { readBundleFile } from '../../../shared/trust/index.ts';
import { type CliContext, type CommonOptions, withController } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { bundleDigest } from './bundle-text.ts';

/** Sends a signed bundle to the controller, which checks the signatures and passes it on to the hosts. */
export async function trustPublish(
  context: CliContext,
  path: string,
  options: CommonOptions,
): Promise<ExitCode> {
  const { bundle, signed } = readBundleFile(path);
  const { newly } = await withController(context, options, client => client.call('publishTrust', signed));
  const { terminal, clock } = context;
  if (options.json)
    terminal.print(JSON.stringify({ version: bundle.version, digest: bundleDigest(bundle), newly }));
  else
    terminal.print(
      newly
        ? `Trust bundle ${bundle.version} counts now; the hosts are told.`
        : `The controller has trust bundle ${bundle.version} already.`,
    );
  if (bundle.expiresAtMs <= clock.nowMs())
    terminal.warn('It is expired: nothing is trusted before a newer one is published.');
  return EXIT.ok;
}
