import type { CommandEntry } from '../core/index.ts';
import { CANDIDATES_LIMIT, type CompletionContext, type ShellCandidate } from './candidate.ts';
import { type CursorContext, cursorContext, optionsAt } from './cursor-context.ts';
import { isFromController, rememberedNames } from './remembered-names.ts';

/** The answer to a shell. */
export interface ShellCompletion {
  readonly candidates: readonly ShellCandidate[];
  /**
   * `files`: the shell offers its own file names. `open`: the word goes on after a candidate. `end`: the word
   * ends there.
   */
  readonly directive: 'files' | 'open' | 'end';
}

const NOTHING: ShellCompletion = { candidates: [], directive: 'end' };

/**
 * The candidates for the last of `words`, which is being typed, by the commands within `program`. After an
 * error there are none, because a person who presses TAB did not ask for an error message.
 *
 * A person waits for the answer after each TAB, so nothing is loaded here before it is needed.
 */
export async function complete(
  program: CommandEntry,
  context: CompletionContext,
  words: readonly string[],
): Promise<ShellCompletion> {
  try {
    const cursor = cursorContext(program, words);
    const found = await candidatesAt(program, context, cursor);
    if (found === 'files') return { candidates: [], directive: 'files' };
    const candidates = found
      .map(each => ({ ...each, value: `${cursor.head}${each.value}` }))
      .filter(({ value }) => value.startsWith(cursor.head + cursor.typed))
      .slice(0, CANDIDATES_LIMIT);
    const isOpen = candidates.length > 0 && candidates.every(({ value }) => value.endsWith('='));
    return { candidates, directive: isOpen ? 'open' : 'end' };
  } catch {
    return NOTHING;
  }
}

async function candidatesAt(
  program: CommandEntry,
  context: CompletionContext,
  cursor: CursorContext,
): Promise<readonly ShellCandidate[] | 'files'> {
  const { command, expects, kind, choices, typed, given } = cursor;
  if (expects === 'command') return commandsOf(command);
  if (expects === 'option') return optionsOf(cursor);
  if (choices.length > 0) return choices.map(value => ({ value }));
  const operator = { ...optional('config', given), ...optional('context', given) };
  const input = { typed, command: command.name, context, operator };
  const ask = async () => {
    const { candidatesOf } = await import('./sources.ts');
    return candidatesOf(kind, input);
  };
  if (isFromController(kind)) return rememberedNames(kind, input, ask);
  const found = await ask();
  return kind === 'topic' && found !== 'files' ? [...found, ...commandsOf(program)] : found;
}

function optional(
  name: 'config' | 'context',
  given: CursorContext['given'],
): { config?: string; context?: string } {
  const value = given.get(`--${name}`);
  return value ? { [name]: value } : {};
}

function commandsOf({ commands }: CommandEntry): ShellCandidate[] {
  return commands.map(({ name, description }) => ({ value: name, description }));
}

function optionsOf(cursor: CursorContext): ShellCandidate[] {
  return optionsAt(cursor).map(({ name, description }) => ({ value: name, description }));
}
