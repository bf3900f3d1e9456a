import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { keyId, type SigningKey } from '../../../../shared/tokens/index.ts';
import {
  type BundleFile,
  contentOf,
  countRootSignatures,
  readBundleFile,
  reopenBundle,
  signBundle,
  type TrustBundle,
} from '../../../../shared/trust/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, KEY_HELP, withJson } from '../../core/index.ts';
import { type CliContext, type CommonOptions, openKey } from '../../session/index.ts';
import { bundleDigest, renderChanges, renderSignatures } from './bundle-text.ts';
import { saveSigned } from './draft-file.ts';

interface TrustSignOptions extends CommonOptions {
  readonly key: string;
  /** File of the bundle that is in force now. */
  readonly current?: string;
  /** The digest that a script expects. */
  readonly yes?: string;
}

/** `farcall trust sign`. */
export const addTrustSign: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('sign'))
    .summary("add a root's signature, if you confirm")
    .description("Shows what a bundle changes. If you confirm, adds a root's signature.")
    .argument('<file>', 'bundle file; the signature is added to it')
    .requiredOption('--key <key>', `the root's key: ${KEY_HELP}`)
    .option(
      '--current <file>',
      'your own copy of the bundle that is in force now; required from version 2 on',
    )
    .option('--yes <sha256>', 'if the bundle has this digest, sign without asking; for scripts');
  addHelp(command, {
    examples: [
      'trust sign trust-1.json --key rob.key',
      'trust sign trust-2.json --current trust-1.json --key rob.key',
      "trust sign trust-1.json --key 'pkcs11:token=rob;object=root?module-path=/usr/lib/libykcs11.so'",
    ],
    exits: [EXIT.refused, EXIT.declined],
  }).action(async (file: string, options: TrustSignOptions) =>
    exitWith(await trustSign(context, file, options)),
  );
};

/**
 * Adds one root's signature to a bundle file. Nothing leaves this machine, which may have no network at all.
 *
 * Threat: the author of the draft hides a change in it. The changes are computed here, against the signer's
 * own copy of the current bundle, which must be signed itself. The bytes that are signed are made from what
 * is shown.
 */
async function trustSign(context: CliContext, path: string, options: TrustSignOptions): Promise<ExitCode> {
  const file = readBundleFile(path);
  const current = await readCurrent(file.bundle, options.current);
  const key = await openKey(context, options.key);
  const names = namesOf(key, file.bundle, current);
  show(context, file.bundle, current, options);
  if (!(await isConfirmed(context, file.bundle, options))) {
    context.terminal.warn('Not signed.');
    return EXIT.declined;
  }
  const added = await Promise.all(names.map(name => signatureOf(context, file, name, key)));
  const kept = await countedSignatures(file, current, names);
  saveSigned(path, file, [...kept, ...added]);
  await printSigned(context, path, current, options);
  return EXIT.ok;
}

async function readCurrent(next: TrustBundle, path: string | undefined): Promise<TrustBundle | undefined> {
  if (path === undefined) {
    if (next.version === 1) return undefined;
    throw new FarcallError(
      'CONFIG_INVALID',
      `--current FILE is missing: version ${next.version} is compared with your own copy of the bundle that is in force ` +
        'now (farcall trust show --out FILE)',
    );
  }
  const { bundle } = await reopenBundle(readBundleFile(path).signed);
  if (bundle.version < next.version) return bundle;
  throw new FarcallError(
    'CONFIG_INVALID',
    `--current: ${path} is version ${bundle.version}, which version ${next.version} cannot follow`,
  );
}

/** The names that the key signs for: one, or two if the bundle renames a root who keeps their key. */
function namesOf(key: SigningKey, next: TrustBundle, current: TrustBundle | undefined): string[] {
  const members = [...next.roots.members, ...(current?.roots.members ?? [])];
  const names = members
    .filter(({ keys }) => keys.some(jwk => keyId(jwk) === key.kid))
    .map(({ name }) => name);
  if (names.length > 0) return [...new Set(names)];
  throw new FarcallError(
    'CONFIG_INVALID',
    `--key: the key ${key.kid} does not belong to a root, in this bundle or in the one before`,
  );
}

function show(
  { terminal }: CliContext,
  bundle: TrustBundle,
  current: TrustBundle | undefined,
  { json }: TrustSignOptions,
): void {
  const print = json ? terminal.warn : terminal.print;
  print(`Trust bundle ${bundle.version}`);
  print(`  digest ${bundleDigest(bundle)}`);
  for (const line of renderChanges(bundle, current)) print(line);
}

async function isConfirmed(
  { terminal }: CliContext,
  bundle: TrustBundle,
  { yes }: TrustSignOptions,
): Promise<boolean> {
  const digest = bundleDigest(bundle);
  if (yes !== undefined) {
    if (yes === digest) return true;
    throw new FarcallError(
      'CONFIG_INVALID',
      `--yes: the digest of this bundle is ${digest}, and ${yes} was expected`,
    );
  }
  if (!terminal.canAsk)
    throw new FarcallError(
      'CONFIG_INVALID',
      'there is no terminal to ask on; --yes DIGEST signs without a question',
    );
  const answer = await terminal.ask(`Sign exactly this, ${digest}? [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

function signatureOf(
  { clock }: CliContext,
  { bundle, signed }: BundleFile,
  name: string,
  key: SigningKey,
): Promise<string> {
  return signBundle(contentOf({ bundle, signed }), { name, key, nowMs: clock.nowMs() });
}

/** The other signatures that count for the new roots or for the old ones. The rest is dropped. */
async function countedSignatures(
  { bundle, signed }: BundleFile,
  current: TrustBundle | undefined,
  names: readonly string[],
): Promise<string[]> {
  const kept: string[] = [];
  for (const signature of signed.signatures) {
    const content = { ...contentOf({ bundle, signed }), signatures: [signature] };
    const counts = await Promise.all(
      [bundle, ...(current ? [current] : [])].map(({ roots }) => countRootSignatures(content, roots)),
    );
    const [signer] = counts.flatMap(({ signers }) => signers);
    if (signer !== undefined && !names.includes(signer)) kept.push(signature);
  }
  return kept;
}

async function printSigned(
  { terminal }: CliContext,
  path: string,
  current: TrustBundle | undefined,
  { json }: TrustSignOptions,
): Promise<void> {
  const { bundle, signed } = readBundleFile(path);
  const content = contentOf({ bundle, signed });
  const own = await countRootSignatures(content, bundle.roots);
  const before = current && (await countRootSignatures(content, current.roots));
  if (json) {
    terminal.print(asciiJson({ file: path, digest: bundleDigest(bundle), signers: own.signers }));
    return;
  }
  terminal.print('Signed.');
  terminal.print(renderSignatures('roots', own, bundle.roots));
  if (current && before)
    terminal.print(renderSignatures('roots of the version before', before, current.roots));
}
