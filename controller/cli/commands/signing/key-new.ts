import { writeFileSync } from 'node:fs';
import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withJson } from '../../core/index.ts';
import type { CliContext, CommonOptions } from '../../session/index.ts';

interface ModuleKeyNewOptions extends CommonOptions {
  readonly name: string;
  readonly out: string;
  readonly certificate: string;
}

/** `farcall signing key new`. */
export const addModuleKeyNew: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('new'))
    .summary('make an RSA key and its certificate')
    .description('Makes an RSA key and its certificate.')
    .requiredOption('--name <name>', 'the name that kernels and selectors use')
    .requiredOption('--out <file>', 'file for the private key; must not exist')
    .requiredOption('--certificate <file>', 'file for the certificate; must not exist');
  addHelp(command, {
    examples: [
      'signing key new --name fleet-2026 --out module.key --certificate module.pem',
      'signing key new --name lab --out lab.key --certificate lab.pem --json',
    ],
  }).action(async (options: ModuleKeyNewOptions) => exitWith(await moduleKeyNew(context, options)));
};

async function moduleKeyNew(
  { terminal, clock }: CliContext,
  { name, out, certificate: certificateFile, json }: ModuleKeyNewOptions,
): Promise<ExitCode> {
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(name))
    throw new FarcallError(
      'CONFIG_INVALID',
      '--name: use letters, digits, spaces and . _ - only, and at most 64 of them',
    );
  const { newModuleKey } = await import('../../../site/index.ts');
  const { parseModuleCertificate } = await import('../../../../shared/cms/index.ts');
  const { key, certificate } = await newModuleKey(name, clock.nowMs());
  writeNew(out, key, 0o600);
  writeNew(certificateFile, certificate, 0o644);
  const { keyId, fingerprint } = parseModuleCertificate(Buffer.from(certificate));
  if (json) {
    terminal.print(asciiJson({ name, keyId, fingerprint, keyFile: out, certificateFile }));
    return EXIT.ok;
  }
  terminal.print(
    `${name}: key id ${keyId}
The private key is in ${out} (0600). It can put code into every kernel that trusts the certificate.
Give it only to the controller (moduleSigning in its configuration), or move it into a token (PKCS#11).
The certificate is in ${certificateFile}. How to make kernels trust it: farcall signing key enrol-help ${certificateFile}`,
  );
  return EXIT.ok;
}

function writeNew(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: 'wx' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be written: ${reason}`, { cause });
  }
}
