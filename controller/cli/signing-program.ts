import type { Command } from 'commander';
import type { CliContext, CommonOptions } from './context.ts';
import type { Finish } from './program.ts';
import {
  type ModuleKeyNewOptions,
  moduleKeyEnrolHelp,
  moduleKeyNew,
  moduleKeyShow,
  signingHosts,
} from './signing/index.ts';

/** The commands below `farcall signing`. Only `hosts` speaks with a controller. */
export function addSigningCommands(program: Command, context: CliContext, finish: Finish): void {
  const signing = program
    .command('signing')
    .description('sign modules, for kernels that take signed ones only');
  const key = signing
    .command('key')
    .description('make the key that signs modules, and have kernels trust it');
  key
    .command('new')
    .description('make an RSA key and its certificate')
    .requiredOption('--name <name>', 'by which kernels and selectors know it')
    .requiredOption('--out <file>', 'file for the private key; must not exist')
    .requiredOption('--certificate <file>', 'file for the certificate; must not exist')
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      '\nExample:\n  farcall signing key new --name fleet-2026 --out module.key --certificate module.pem',
    )
    .action(async (options: ModuleKeyNewOptions) => finish(await moduleKeyNew(context, options)));
  key
    .command('show')
    .description('say what a certificate is')
    .argument('<certificate>', 'PEM or DER file')
    .option('--json', 'print JSON for programs')
    .action(async (file: string, options: CommonOptions) =>
      finish(await moduleKeyShow(context, file, options)),
    );
  key
    .command('enrol-help')
    .description('say, step by step, how the kernel of a host comes to trust a certificate')
    .argument('<certificate>', 'PEM or DER file')
    .action(async (file: string) => finish(await moduleKeyEnrolHelp(context, file)));
  signing
    .command('hosts')
    .description('list hosts by whether their kernels take modules that a certificate verifies')
    .argument('<certificate>', 'PEM or DER file')
    .argument('[selector]', 'as in farcall request --hosts', '*')
    .option('--json', 'print JSON for programs')
    .option('--config <file>', 'who you are and where the controller is')
    .addHelpText('after', '\nExample:\n  farcall signing hosts module.pem env=prod')
    .action(async (file: string, selector: string, options: CommonOptions) =>
      finish(await signingHosts(context, { file, selector }, options)),
    );
}
