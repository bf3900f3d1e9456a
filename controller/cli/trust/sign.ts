import { FarcallError } from '../../../shared/errors/index.ts';
import { keyId, readKeyFile, type SigningKey } from '../../../shared/tokens/index.ts';
import {
  type BundleFile,
  countRootSignatures,
  readBundleFile,
  reopenBundle,
  signBundle,
  type TrustBundle,
} from '../../../shared/trust/index.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { bundleDigest, renderChanges, renderSignatures } from './bundle-text.ts';
import { saveSigned } from './draft-file.ts';

/** Options of `farcall trust sign`. */
export interface TrustSignOptions extends CommonOptions {
  readonly key: string;
  /** File of the bundle that counts now. */
  readonly current?: string;
  /** The digest that is expected, for scripts. */
  readonly yes?: string;
}

/**
 * Adds one root's signature to a bundle file, after showing what it changes and a yes. Nothing leaves this
 * machine; it may have no network at all.
 *
 * Threat: anyone who made the draft hides a change in it. What changes is computed here, against the signer's
 * own copy of the current bundle, which must itself be signed; and what is signed is made from what is shown.
 */
export async function trustSign(
  context: CliContext,
  path: string,
  options: TrustSignOptions,
): Promise<ExitCode> {
  const file = readBundleFile(path);
  const current = await readCurrent(file.bundle, options.current);
  const key = readKeyFile(options.key);
  const names = namesOf(key, file.bundle, current);
  show(context, file.bundle, current, options);
  if (!(await confirmed(context, file.bundle, options))) {
    context.terminal.warn('Not signed.');
    return EXIT.declined;
  }
  const added = await Promise.all(names.map(name => signatureOf(context, file, name, key)));
  const kept = await countedSignatures(file, current, names);
  saveSigned(path, file, [...kept, ...added]);
  await report(context, path, current, options);
  return EXIT.ok;
}

async function readCurrent(next: TrustBundle, path: string | undefined): Promise<TrustBundle | undefined> {
  if (path === undefined) {
    if (next.version === 1) return undefined;
    throw new FarcallError(
      'CONFIG_INVALID',
      `--current FILE is missing: version ${next.version} is compared with your own copy of the bundle that counts now ` +
        '(farcall trust show --out FILE)',
    );
  }
  const { bundle } = await reopenBundle(readBundleFile(path).signed);
  if (bundle.version < next.version) return bundle;
  throw new FarcallError(
    'CONFIG_INVALID',
    `--current: ${path} is version ${bundle.version}, which version ${next.version} cannot follow`,
  );
}

/** As whom the key signs: nearly always one name; two where a root gets another name with the same key. */
function namesOf(key: SigningKey, next: TrustBundle, current: TrustBundle | undefined): string[] {
  const members = [...next.roots.members, ...(current?.roots.members ?? [])];
  const names = members
    .filter(({ keys }) => keys.some(jwk => keyId(jwk) === key.kid))
    .map(({ name }) => name);
  if (names.length > 0) return [...new Set(names)];
  throw new FarcallError(
    'CONFIG_INVALID',
    `--key: the key ${key.kid} is no root's, neither in this bundle nor in the one before`,
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

async function confirmed(
  { terminal }: CliContext,
  bundle: TrustBundle,
  { yes }: TrustSignOptions,
): Promise<boolean> {
  const digest = bundleDigest(bundle);
  if (yes !== undefined) {
    if (yes === digest) return true;
    throw new FarcallError('CONFIG_INVALID', `--yes: this bundle is ${digest}, and ${yes} was expected`);
  }
  if (!terminal.canAsk)
    throw new FarcallError('CONFIG_INVALID', 'there is no terminal to ask on; --yes DIGEST signs without');
  const answer = await terminal.ask(`Sign exactly this, ${digest}? [y/N] `);
  return /^y(es)?$/i.test(answer.trim());
}

function signatureOf(
  { clock }: CliContext,
  { bundle, signed }: BundleFile,
  name: string,
  key: SigningKey,
): Promise<string> {
  return signBundle({ bytes: signed.bundle, version: bundle.version }, { name, key, nowMs: clock.nowMs() });
}

/** The signatures of others that count for the new roots or the old; what counts for neither is dropped. */
async function countedSignatures(
  { bundle, signed }: BundleFile,
  current: TrustBundle | undefined,
  names: readonly string[],
): Promise<string[]> {
  const kept: string[] = [];
  for (const signature of signed.signatures) {
    const content = { bytes: signed.bundle, version: bundle.version, signatures: [signature] };
    const counts = await Promise.all(
      [bundle, ...(current ? [current] : [])].map(({ roots }) => countRootSignatures(content, roots)),
    );
    const [signer] = counts.flatMap(({ signers }) => signers);
    if (signer !== undefined && !names.includes(signer)) kept.push(signature);
  }
  return kept;
}

async function report(
  { terminal }: CliContext,
  path: string,
  current: TrustBundle | undefined,
  { json }: TrustSignOptions,
): Promise<void> {
  const { bundle, signed } = readBundleFile(path);
  const content = { bytes: signed.bundle, version: bundle.version, signatures: signed.signatures };
  const own = await countRootSignatures(content, bundle.roots);
  const old = current && (await countRootSignatures(content, current.roots));
  if (json) {
    terminal.print(JSON.stringify({ file: path, digest: bundleDigest(bundle), signers: own.signers }));
    return;
  }
  terminal.print('Signed.');
  terminal.print(renderSignatures('roots', own, bundle.roots));
  if (current && old) terminal.print(renderSignatures('roots of the version before', old, current.roots));
}
