import { asciiJson } from '../../../../shared/json/index.ts';
import { printable } from '../../../views/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withJson } from '../../core/index.ts';
import type { CliContext, CommonOptions } from '../../session/index.ts';

/** `farcall signing key show`. */
export const addModuleKeyShow: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('show'))
    .summary('print the name, key id and validity of a certificate')
    .description('Prints the name, key id, digest, algorithm and validity of a certificate.')
    .argument('<file>', 'PEM or DER file of the certificate');
  addHelp(command, {
    examples: ['signing key show module.pem', 'signing key show module.pem --json'],
  }).action(async (file: string, options: CommonOptions) =>
    exitWith(await moduleKeyShow(context, file, options)),
  );
};

async function moduleKeyShow(
  { terminal }: CliContext,
  file: string,
  { json }: CommonOptions,
): Promise<ExitCode> {
  const { readModuleCertificate } = await import('../../../../shared/cms/index.ts');
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
valid      ${validFrom} to ${validTo}; kernels ignore this`,
  );
  return EXIT.ok;
}
