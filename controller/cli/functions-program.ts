import type { Command } from 'commander';
import { common } from './command-options.ts';
import { type FunctionsOptions, functions } from './commands/functions.ts';
import type { CliContext } from './context.ts';
import type { Finish } from './program.ts';
import { REMOTE, teach } from './teach.ts';

/** Adds `farcall functions`. */
export function addFunctionsCommand(program: Command, context: CliContext, finish: Finish): void {
  const command = common(program.command('functions'))
    .summary("functions of the fleet's kernels, with prototypes")
    .description(
      "Lists functions of the fleet's kernels with their prototypes, grouped where they are equal.",
    )
    .argument('<pattern>', 'of their names, with * and ?')
    .option('--hosts <selector>', 'whose kernels are looked into', '*')
    .option('--limit <n>', 'at most so many', '100');
  teach(command, {
    notes: [
      'The controller asks one host of each kernel build once; nothing else reaches a host by this.',
      'The numbers before a function are those of the kernels below the table that have it so.',
    ],
    examples: [
      "functions 'wake_up_*'",
      "functions 'tcp_*sendmsg*' --hosts 'kernel~6.12' --limit 20",
      'functions wake_up_process --json',
    ],
    exits: REMOTE,
  }).action(async (pattern: string, options: FunctionsOptions) =>
    finish(await functions(context, pattern, options)),
  );
}
