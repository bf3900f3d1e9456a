import type { Command } from 'commander';
import { common, withJson } from './command-options.ts';
import type { CliContext, CommonOptions } from './context.ts';
import type { Finish } from './program.ts';
import {
  type ModuleKeyNewOptions,
  moduleKeyEnrolHelp,
  moduleKeyNew,
  moduleKeyShow,
  signingHosts,
} from './signing/index.ts';
import { REMOTE, teach } from './teach.ts';

/** The commands below `farcall signing`. Only `hosts` speaks with a controller. */
export function addSigningCommands(program: Command, context: CliContext, finish: Finish): void {
  const signing = program
    .command('signing')
    .summary('sign modules, for kernels that take signed ones only')
    .description('Signs modules, for kernels that take signed ones only.');
  const key = signing
    .command('key')
    .summary('the key that signs modules')
    .description('Makes the key that signs modules, and has kernels trust it.');
  const making = withJson(key.command('new'))
    .summary('make an RSA key and its certificate')
    .description('Makes an RSA key and its certificate.')
    .requiredOption('--name <name>', 'by which kernels and selectors know it')
    .requiredOption('--out <file>', 'file for the private key; must not exist')
    .requiredOption('--certificate <file>', 'file for the certificate; must not exist');
  teach(making, {
    examples: [
      'signing key new --name fleet-2026 --out module.key --certificate module.pem',
      'signing key new --name lab --out lab.key --certificate lab.pem --json',
    ],
  }).action(async (options: ModuleKeyNewOptions) => finish(await moduleKeyNew(context, options)));
  const showing = withJson(key.command('show'))
    .summary('say what a certificate is')
    .description('Says what a certificate is.')
    .argument('<file>', 'PEM or DER file of the certificate');
  teach(showing, {
    examples: ['signing key show module.pem', 'signing key show module.pem --json'],
  }).action(async (file: string, options: CommonOptions) =>
    finish(await moduleKeyShow(context, file, options)),
  );
  const helping = withJson(key.command('enrol-help'))
    .summary('how the kernel of a host comes to trust a certificate')
    .description('Says, step by step, how the kernel of a host comes to trust a certificate.')
    .argument('<file>', 'PEM or DER file of the certificate');
  teach(helping, {
    examples: ['signing key enrol-help module.pem', 'signing key enrol-help module.pem --json'],
  }).action(async (file: string, options: CommonOptions) =>
    finish(await moduleKeyEnrolHelp(context, file, options)),
  );
  const listing = common(signing.command('hosts'))
    .summary('list hosts by whether their kernels trust a certificate')
    .description('Lists hosts by whether their kernels take modules that a certificate verifies.')
    .argument('<file>', 'PEM or DER file of the certificate')
    .argument('[selector]', 'as in farcall request --hosts', '*');
  teach(listing, {
    examples: ['signing hosts module.pem env=prod', 'signing hosts module.pem --json'],
    exits: REMOTE,
  }).action(async (file: string, selector: string, options: CommonOptions) =>
    finish(await signingHosts(context, { file, selector }, options)),
  );
}
