import { Argument, type Command } from 'commander';
import { asciiJson } from '../../../../shared/json/index.ts';
import {
  bashReply,
  complete,
  readBashLine,
  SHELLS,
  type Shell,
  type ShellCompletion,
} from '../../completion/index.ts';
import { type AddCommand, type CliContext, type CommonOptions, EXIT, withJson } from '../../core/index.ts';

/** `farcall __complete`, a hidden command that the scripts of `farcall completion` run. */
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
      const lines = linesOf(await completionFor(program, context, shell, words));
      terminal.print(json ? asciiJson(lines) : lines.join('\n'));
      exitWith(EXIT.ok);
    });
};

async function completionFor(
  program: Command,
  context: CliContext,
  shell: Shell,
  words: readonly string[],
): Promise<ShellCompletion> {
  if (shell !== 'bash') return complete(program, context, withoutOpeningQuote(words));
  const [line = '', wordBreaks = ''] = words;
  const typed = readBashLine(line, wordBreaks);
  const { candidates, directive } = await complete(program, context, typed.words);
  const replies = candidates.flatMap(({ value }) => {
    const reply = bashReply(value, typed);
    return reply === undefined ? [] : [{ value: reply }];
  });
  return { candidates: replies, directive };
}

/** fish passes the word that is being typed with its opening quote. */
function withoutOpeningQuote(words: readonly string[]): readonly string[] {
  const last = words.at(-1) ?? '';
  return [...words.slice(0, -1), /^['"]/.test(last) ? last.slice(1) : last];
}

function linesOf({ candidates, directive }: ShellCompletion): string[] {
  return [
    `:${directive}`,
    ...candidates.map(({ value, description = '' }) =>
      description === '' ? value : `${value}\t${description}`,
    ),
  ];
}
