import type { Command } from 'commander';
import { printable } from '../../views/index.ts';
import type { CliContext } from '../context.ts';
import { type Candidate, MOST_CANDIDATES } from './candidate.ts';
import { optionsAt, type Place, placeOf } from './place.ts';
import { SOURCES } from './sources.ts';

/** What a shell offers. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** `files`: the shell's own file names; `open`: a candidate is not the end of the word; `end`: it is. */
  readonly directive: 'files' | 'open' | 'end';
}

const NOTHING: Completion = { candidates: [], directive: 'end' };

/**
 * How the command line `words` can go on; its last word is being typed. Whatever goes wrong, there is nothing to offer then: who
 * presses TAB did not ask for an error.
 *
 * Threat: hosts choose what their facts say, people what reasons say, and both end up on the command line of somebody else, or
 * beside it. A value with characters that a terminal acts upon is not offered; descriptions are made printable.
 */
export async function complete(
  program: Command,
  context: CliContext,
  words: readonly string[],
): Promise<Completion> {
  try {
    const place = placeOf(program, words);
    const found = await candidatesAt(program, context, place);
    if (found === 'files') return { candidates: [], directive: 'files' };
    const candidates = found
      .map(each => ({ ...each, value: `${place.head}${each.value}` }))
      .filter(({ value }) => value.startsWith(place.head + place.typed) && printable(value) === value)
      .slice(0, MOST_CANDIDATES)
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
  place: Place,
): Promise<readonly Candidate[] | 'files'> {
  const { command, due, kind, choices, typed, given } = place;
  if (due === 'command') return commandsOf(command);
  if (due === 'option') return optionsOf(place);
  if (choices.length > 0) return choices.map(value => ({ value }));
  const as = { ...optional('config', given), ...optional('context', given) };
  const found = await (SOURCES[kind]?.({ typed, context, as }) ?? []);
  return kind === 'topic' && found !== 'files' ? [...found, ...commandsOf(program)] : found;
}

function optional(name: 'config' | 'context', given: Place['given']): { config?: string; context?: string } {
  const value = given.get(`--${name}`);
  return value ? { [name]: value } : {};
}

function commandsOf(command: Command): Candidate[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.map(each => ({ value: each.name(), description: each.summary() || each.description() }));
}

function optionsOf(place: Place): Candidate[] {
  return optionsAt(place).map(option => ({
    value: option.long ?? option.flags,
    description: option.description,
  }));
}
