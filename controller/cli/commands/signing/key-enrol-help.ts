import { asciiJson } from '../../../../shared/json/index.ts';
import { printable } from '../../../views/index.ts';
import { type AddCommand, addHelp, EXIT, type ExitCode, withJson } from '../../core/index.ts';
import type { CliContext, CommonOptions } from '../../session/index.ts';
import { enrolHelp } from './enrol-help-text.ts';

/** `farcall signing key enrol-help`. */
export const addModuleKeyEnrolHelp: AddCommand = (parent, context, exitWith) => {
  const command = withJson(parent.command('enrol-help'))
    .summary('how to make the kernel of a host trust a certificate')
    .description('Explains, step by step, how to make the kernel of a host trust a certificate.')
    .argument('<file>', 'PEM or DER file of the certificate');
  addHelp(command, {
    examples: ['signing key enrol-help module.pem', 'signing key enrol-help module.pem --json'],
  }).action(async (file: string, options: CommonOptions) =>
    exitWith(await moduleKeyEnrolHelp(context, file, options)),
  );
};

async function moduleKeyEnrolHelp(
  { terminal }: CliContext,
  file: string,
  { json }: CommonOptions,
): Promise<ExitCode> {
  const { readModuleCertificate } = await import('../../../../shared/cms/index.ts');
  const certificate = readModuleCertificate(file);
  const { name, keyId, fingerprint } = certificate;
  const text = enrolHelp({ ...certificate, name: printable(name) }, file);
  terminal.print(json ? asciiJson({ name, keyId, fingerprint, text }) : text);
  return EXIT.ok;
}
