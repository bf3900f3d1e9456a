import {
  type BundleFile,
  bundleFileText,
  countRootSignatures,
  readBundleFile,
} from '../../../shared/trust/index.ts';
import { type CliContext, type CommonOptions, withController } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { bundleDigest, renderBundle, renderChanges, renderSignatures } from './bundle-text.ts';
import { saveNew } from './draft-file.ts';
import { fetchNewest } from './newest.ts';

/** Options of `farcall trust show`. */
export interface TrustShowOptions extends CommonOptions {
  readonly current?: string;
  readonly roots?: boolean;
  readonly out?: string;
}

/**
 * Shows a bundle file, or the bundle that counts at the controller: who may what, and who signed it.
 *
 * Threat: a controller, or a file, that shows a bundle with roots of its own making, who have all signed it. What a bundle says
 * of its own roots proves nothing; only `--current`, a copy that the reader trusts, does, and the output says so.
 */
export async function trustShow(
  context: CliContext,
  path: string | undefined,
  options: TrustShowOptions,
): Promise<ExitCode> {
  const file =
    path === undefined ? await withController(context, options, fetchNewest) : readBundleFile(path);
  if (options.out !== undefined) saveNew(options.out, bundleFileText(file.bundle, file.signed.signatures));
  if (options.roots) context.terminal.print(JSON.stringify(file.bundle.roots, null, 2));
  else await print(context, file, options);
  return EXIT.ok;
}

async function print(
  { terminal, clock }: CliContext,
  { bundle, signed }: BundleFile,
  { json, current: currentPath }: TrustShowOptions,
): Promise<void> {
  const current = currentPath === undefined ? undefined : readBundleFile(currentPath).bundle;
  const content = { bytes: signed.bundle, version: bundle.version, signatures: signed.signatures };
  const own = await countRootSignatures(content, bundle.roots);
  const old = current && (await countRootSignatures(content, current.roots));
  if (json) {
    const { signers, threshold, discounted } = own;
    const digest = bundleDigest(bundle);
    terminal.print(JSON.stringify({ digest, bundle, signers, threshold, discounted, before: old }));
    return;
  }
  for (const line of renderBundle(bundle, clock.nowMs())) terminal.print(line);
  terminal.print(renderSignatures('roots', own, bundle.roots));
  for (const { signer, reason } of own.discounted)
    if (!old?.signers.includes(signer ?? '')) terminal.print(`  not counted: ${signer ?? 'one'}: ${reason}`);
  if (!current || !old) {
    terminal.print(
      "  these roots are the bundle's own word; --current FILE holds them against your own copy",
    );
    return;
  }
  terminal.print(renderSignatures('roots of the version before', old, current.roots));
  for (const line of renderChanges(bundle, current)) terminal.print(line);
}
