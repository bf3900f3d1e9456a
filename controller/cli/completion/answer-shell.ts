import type { CommandEntry } from '../core/index.ts';
import { bashReply, readBashLine } from './bash-line.ts';
import type { CompletionContext } from './candidate.ts';
import { complete, type ShellCompletion } from './complete.ts';
import type { Shell } from './scripts.ts';

/**
 * The lines that a script of {@link SCRIPTS} reads: a directive, then the candidates, each with a tab and its
 * description. `words` are those after farcall, of which the last is being typed; for bash, the line and
 * COMP_WORDBREAKS.
 */
export async function answerShell(
  program: CommandEntry,
  context: CompletionContext,
  shell: Shell,
  words: readonly string[],
): Promise<string[]> {
  const { candidates, directive } = await completionFor(program, context, shell, words);
  return [
    `:${directive}`,
    ...candidates.map(({ value, description = '' }) =>
      description === '' ? value : `${value}\t${description}`,
    ),
  ];
}

async function completionFor(
  program: CommandEntry,
  context: CompletionContext,
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
