import { writeFileSync } from 'node:fs';
import { FarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import { printable } from '../../views/index.ts';
import type { CliContext, CommonOptions } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { enrolHelp } from './enrol-help.ts';

/** Options of `farcall signing key new`. */
export interface ModuleKeyNewOptions extends CommonOptions {
  readonly name: string;
  readonly out: string;
  readonly certificate: string;
}

/** Makes a key that signs modules, and the certificate that kernels must trust. */
export async function moduleKeyNew(
  { terminal, clock }: CliContext,
  { name, out, certificate: certificateFile, json }: ModuleKeyNewOptions,
): Promise<ExitCode> {
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(name))
    throw new FarcallError('CONFIG_INVALID', '--name: letters, digits, spaces and . _ - only, at most 64');
  const { newModuleKey } = await import('../../site/index.ts');
  const { parseModuleCertificate } = await import('../../../shared/cms/index.ts');
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
The private key is in ${out} (0600); whoever has it can put code into every kernel that trusts the certificate.
Give it to the controller only (moduleSigning in its configuration), or move it into a token (PKCS#11).
The certificate is in ${certificateFile}; farcall signing key enrol-help ${certificateFile} says how kernels come to trust it.`,
  );
  return EXIT.ok;
}

function writeNew(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: 'wx' });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be written: ${why}`, { cause });
  }
}

/** Says what a certificate is. */
export async function moduleKeyShow(
  { terminal }: CliContext,
  file: string,
  { json }: CommonOptions,
): Promise<ExitCode> {
  const { readModuleCertificate } = await import('../../../shared/cms/index.ts');
  const { name, keyId, fingerprint, algorithm, x509 } = readModuleCertificate(file);
  const { validFrom, validTo } = x509;
  if (json) {
    terminal.print(asciiJson({ name, keyId, fingerprint, algorithm, validFrom, validTo }));
    return EXIT.ok;
  }
  const kernels = algorithm === 'rsa' ? 'all kernels' : 'kernels since 6.12';
  terminal.print(
    `name       ${printable(name)}
key id     ${keyId}
SHA-256    ${fingerprint}
algorithm  ${algorithm}, for ${kernels}
valid      ${validFrom} to ${validTo}; kernels do not look at it`,
  );
  return EXIT.ok;
}

/** Says how a host's kernel comes to trust a certificate. */
export async function moduleKeyEnrolHelp(
  { terminal }: CliContext,
  file: string,
  { json }: CommonOptions,
): Promise<ExitCode> {
  const { readModuleCertificate } = await import('../../../shared/cms/index.ts');
  const certificate = readModuleCertificate(file);
  const { name, keyId, fingerprint } = certificate;
  const text = enrolHelp({ ...certificate, name: printable(name) }, file);
  terminal.print(json ? asciiJson({ name, keyId, fingerprint, text }) : text);
  return EXIT.ok;
}
