import type { Command } from 'commander';
import { common } from './command-options.ts';
import { type FunctionsOptions, functions } from './commands/functions.ts';
import type { CliContext } from './context.ts';
import type { Finish } from './program.ts';

/** Adds `farcall functions`. */
export function addFunctionsCommand(program: Command, context: CliContext, finish: Finish): void {
  common(program.command('functions'))
    .description("list functions of the fleet's kernels with their prototypes, grouped where they are equal")
    .argument('<pattern>', 'of their names, with * and ?')
    .option('--hosts <selector>', 'whose kernels are looked into', '*')
    .option('--limit <n>', 'at most so many', '100')
    .addHelpText(
      'after',
      '\nThe controller asks one host of each kernel build once; nothing else reaches a host by this.\n' +
        'The numbers before a function are those of the kernels below the table that have it so.\n' +
        "\nExamples:\n  farcall functions 'wake_up_*'\n  farcall functions 'tcp_*sendmsg*' --hosts 'kernel~6.12' --limit 20",
    )
    .action(async (pattern: string, options: FunctionsOptions) =>
      finish(await functions(context, pattern, options)),
    );
}
