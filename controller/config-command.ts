import type { Command } from 'commander';
import { asciiJson } from '../shared/json/index.ts';
import { readConfig } from './config/index.ts';

/** `farcall-controller config check`. `config` is the default of its option. */
export function addConfig(program: Command, config: string): void {
  program
    .command('config')
    .summary('check a configuration before a controller reads it')
    .description('Looks at the configuration of a controller.')
    .command('check')
    .summary('print the configuration that is in force, or every fault of it')
    .description(
      'Reads a configuration as the controller does, and prints it with the defaults of all missing members and absolute paths. ' +
        'Of addresses of webhooks only the origin is printed, and no PIN of a key. If something is wrong, the command names every fault, each in a line, and fails; ' +
        'a controller does not start with such a file, and a running one goes on with the earlier configuration.',
    )
    .option('--config <file>', 'configuration file', config)
    .addHelpText('after', '\nExample:\n  farcall-controller config check --config controller.json')
    .action(check);
}

async function check({ config: file }: { readonly config: string }): Promise<void> {
  const config = readConfig(file);
  // Imported only here: a running controller shows its configuration to nobody.
  const { tellableConfig } = await import('./doctor/index.ts');
  console.log(asciiJson(tellableConfig(config), 2));
}
