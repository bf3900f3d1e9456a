import { Argument } from 'commander';
import { asciiJson } from '../../../../shared/json/index.ts';
import { answerShell, SHELLS, type Shell } from '../../completion/index.ts';
import { type AddCommand, commandTree, EXIT, withJson } from '../../core/index.ts';
import type { CommonOptions } from '../../session/index.ts';

/**
 * `farcall __complete`, a hidden command that the scripts of `farcall completion` run. A release answers
 * them without loading all commands; see `complete-main.ts`.
 */
export const addComplete: AddCommand = (program, context, exitWith) => {
  const { terminal } = context;
  withJson(program.command('__complete', { hidden: true }))
    .description('Prints completion candidates for the scripts of farcall completion.')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .argument(
      '[words...]',
      'the words after farcall, of which the last is being typed; for bash: the line and COMP_WORDBREAKS',
    )
    .action(async (shell: Shell, words: readonly string[], { json }: CommonOptions) => {
      const lines = await answerShell(commandTree(program), context, shell, words);
      terminal.print(json ? asciiJson(lines) : lines.join('\n'));
      exitWith(EXIT.ok);
    });
};
