import type { Command } from 'commander';
import { printable } from '../../views/index.ts';
import type { CliContext } from '../core/index.ts';
import { CANDIDATES_LIMIT, type ShellCandidate } from './candidate.ts';
import { type CursorContext, cursorContext, optionsAt } from './cursor-context.ts';
import { SOURCES } from './sources.ts';

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
 * The candidates for the last of `words`, which is being typed. After an error there are none, because a
 * person who presses TAB did not ask for an error message.
 *
 * Threat: hosts choose their facts and people choose their reasons, and both appear on or beside the command
 * line of somebody else. A value with characters that a terminal interprets is not offered, and descriptions
 * are made printable.
 */
export async function complete(
  program: Command,
  context: CliContext,
  words: readonly string[],
): Promise<ShellCompletion> {
  try {
    const cursor = cursorContext(program, words);
    const found = await candidatesAt(program, context, cursor);
    if (found === 'files') return { candidates: [], directive: 'files' };
    const candidates = found
      .map(each => ({ ...each, value: `${cursor.head}${each.value}` }))
      .filter(({ value }) => value.startsWith(cursor.head + cursor.typed) && printable(value) === value)
      .slice(0, CANDIDATES_LIMIT)
      .map(({ value, description = '' }) => ({ value, description: printable(description) }));
    const isOpen = candidates.length > 0 && candidates.every(({ value }) => value.endsWith('='));
    return { candidates, directive: isOpen ? 'open' : 'end' };
  } catch {
    return NOTHING;
  }
}

async function candidatesAt(
  program: Command,
  context: CliContext,
  cursor: CursorContext,
): Promise<readonly ShellCandidate[] | 'files'> {
  const { command, expects, kind, choices, typed, given } = cursor;
  if (expects === 'command') return commandsOf(command);
  if (expects === 'option') return optionsOf(cursor);
  if (choices.length > 0) return choices.map(value => ({ value }));
  const operator = { ...optional('config', given), ...optional('context', given) };
  const found = await (SOURCES[kind]?.({ typed, command: command.name(), context, operator }) ?? []);
  return kind === 'topic' && found !== 'files' ? [...found, ...commandsOf(program)] : found;
}

function optional(
  name: 'config' | 'context',
  given: CursorContext['given'],
): { config?: string; context?: string } {
  const value = given.get(`--${name}`);
  return value ? { [name]: value } : {};
}

function commandsOf(command: Command): ShellCandidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map(each => ({ value: each.name(), description: each.summary() || each.description() }));
}

function optionsOf(cursor: CursorContext): ShellCandidate[] {
  return optionsAt(cursor).map(option => ({
    value: option.long ?? option.flags,
    description: option.description,
  }));
}
