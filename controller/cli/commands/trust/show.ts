import { asciiJson } from '../../../../shared/json/index.ts';
import {
  type BundleFile,
  bundleFileText,
  contentOf,
  countRootSignatures,
  readBundleFile,
  rootsFileText,
} from '../../../../shared/trust/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  fetchNewestBundle,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, type CommonOptions, withController } from '../../session/index.ts';
import { bundleDigest, renderBundle, renderChanges, renderSignatures } from './bundle-text.ts';
import { saveNew } from './draft-file.ts';

interface TrustShowOptions extends CommonOptions {
  readonly current?: string;
  readonly roots?: boolean;
  readonly out?: string;
}

/** `farcall trust show`. */
export const addTrustShow: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('show'))
    .summary('show everyone, their keys, and the signatures')
    .description('Shows a trust bundle: everyone in it with their keys, the thresholds, and the signatures.')
    .argument('[file]', "bundle file; without it, the controller's newest bundle")
    .option('--current <file>', 'show the changes from this bundle, and the signatures of its roots')
    .option('--roots', 'print only the site and the roots, for the rootsFile of hosts and controllers')
    .option('--out <file>', 'save the bundle to a file that must not exist');
  addHelp(command, {
    examples: ['trust show', 'trust show trust-1.json --roots > roots.json', 'trust show --out now.json'],
    exits: REMOTE_EXITS,
  }).action(async (file: string | undefined, options: TrustShowOptions) =>
    exitWith(await trustShow(context, file, options)),
  );
};

/**
 * Threat: a controller or a file presents a bundle with roots of its own, who have all signed it. A bundle's
 * signatures by its own roots prove nothing. Only `--current`, a copy that the reader trusts, does, and the
 * output says so.
 */
async function trustShow(
  context: CliContext,
  path: string | undefined,
  options: TrustShowOptions,
): Promise<ExitCode> {
  const file =
    path === undefined ? await withController(context, options, fetchNewestBundle) : readBundleFile(path);
  if (options.out !== undefined) saveNew(options.out, bundleFileText(file.bundle, file.signed.signatures));
  if (options.roots) context.terminal.print(rootsFileText(file.bundle).trimEnd());
  else await print(context, file, options);
  return EXIT.ok;
}

async function print(
  { terminal, clock }: CliContext,
  file: BundleFile,
  { json, current: currentPath }: TrustShowOptions,
): Promise<void> {
  const current = currentPath === undefined ? undefined : readBundleFile(currentPath).bundle;
  const { bundle } = file;
  const content = contentOf(file);
  const own = await countRootSignatures(content, bundle.roots);
  const before = current && (await countRootSignatures(content, current.roots));
  if (json) {
    const { signers, threshold, discounted } = own;
    const digest = bundleDigest(bundle);
    terminal.print(asciiJson({ digest, bundle, signers, threshold, discounted, before }));
    return;
  }
  for (const line of renderBundle(bundle, clock.nowMs())) terminal.print(line);
  terminal.print(renderSignatures('roots', own, bundle.roots));
  for (const { signer, reason } of own.discounted)
    if (!before?.signers.includes(signer ?? ''))
      terminal.print(`  not counted: ${signer ?? 'a signature'}: ${reason}`);
  if (!current || !before) {
    terminal.print('  the bundle names these roots itself; --current FILE compares it with your own copy');
    return;
  }
  terminal.print(renderSignatures('roots of the version before', before, current.roots));
  for (const line of renderChanges(bundle, current)) terminal.print(line);
}
