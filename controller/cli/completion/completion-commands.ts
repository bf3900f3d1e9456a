import { Argument, type Command } from 'commander';
import { withJson } from '../command-options.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import type { Finish } from '../program.ts';
import { teach } from '../teach.ts';
import { bashReply, readBashLine } from './bash-line.ts';
import { type Completion, complete } from './complete.ts';
import { SCRIPTS, SHELLS, type Shell } from './scripts.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** `farcall completion SHELL`, and the hidden command that its script asks. */
export function addCompletionCommands(program: Command, context: CliContext, finish: Finish): void {
  const { terminal } = context;
  const printing = withJson(program.command('completion'))
    .summary('completion for your shell')
    .description('Prints a script that teaches a shell to complete commands, options, ids, hosts and labels.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS));
  teach(printing, {
    notes: [
      'Put the line of your shell into ~/.bashrc, ~/.zshrc (behind compinit), or ~/.config/fish/config.fish.',
      'farcall must be in PATH. What is offered comes from the controller of the context that counts.',
    ],
    examples: [
      'completion bash   # source <(farcall completion bash)',
      'completion zsh    # source <(farcall completion zsh)',
      'completion fish   # farcall completion fish | source',
    ],
  }).action((shell: Shell, { json }: JsonOption) => {
    if (json) terminal.print(JSON.stringify({ shell, script: SCRIPTS[shell] }));
    else terminal.write(SCRIPTS[shell]);
    finish(EXIT.ok);
  });
  withJson(program.command('__complete', { hidden: true }))
    .description('What a command line can go on with; for the scripts of farcall completion.')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .argument(
      '[words...]',
      'the words behind farcall, of which the last is being typed; for bash: line, COMP_WORDBREAKS',
    )
    .action(async (shell: Shell, words: readonly string[], { json }: JsonOption) => {
      const lines = await answer(program, context, shell, words);
      terminal.print(json ? JSON.stringify(lines) : lines.join('\n'));
      finish(EXIT.ok);
    });
}

async function answer(
  program: Command,
  context: CliContext,
  shell: Shell,
  words: readonly string[],
): Promise<readonly string[]> {
  if (shell !== 'bash') return linesOf(await complete(program, context, unquoted(words)));
  const [line = '', wordBreaks = ''] = words;
  const typed = readBashLine(line, wordBreaks);
  const { candidates, directive } = await complete(program, context, typed.words);
  const fitting = candidates.flatMap(({ value }) => {
    const reply = bashReply(value, typed);
    return reply === undefined ? [] : [{ value: reply }];
  });
  return linesOf({ candidates: fitting, directive });
}

/** fish gives the word that is typed with its quotes, open or closed. */
function unquoted(words: readonly string[]): readonly string[] {
  const last = words.at(-1) ?? '';
  return [...words.slice(0, -1), /^['"]/.test(last) ? last.slice(1) : last];
}

function linesOf({ candidates, directive }: Completion): string[] {
  return [
    `:${directive}`,
    ...candidates.map(({ value, description = '' }) =>
      description === '' ? value : `${value}\t${description}`,
    ),
  ];
}
