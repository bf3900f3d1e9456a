import type { Argument, Command, Option } from 'commander';
import { collect } from '../collect.ts';

/** What is being typed at the end of a command line. */
export interface Place {
  /** The command, as far as it is typed. */
  readonly command: Command;
  /** What is due there. */
  readonly due: 'command' | 'option' | 'value';
  /** Of a value: what it is, as help names it between brackets (`selector` of `--hosts <selector>`). */
  readonly kind: string;
  /** Of a value: the words that there are, where it is one of few. */
  readonly choices: readonly string[];
  /** What stands before the value in the same word: `--hosts=`. */
  readonly head: string;
  /** What is typed of it so far. */
  readonly typed: string;
  /** The options that were given before, by their long names, with their last values. */
  readonly given: ReadonlyMap<string, string>;
}

/**
 * Where one is after `words`, of which the last is being typed; `program` knows its commands and their
 * options.
 */
export function placeOf(program: Command, words: readonly string[]): Place {
  const typed = words.at(-1) ?? '';
  const walk = walkTo(program, words.slice(0, -1));
  const { command, awaiting, given } = walk;
  const none = { command, given, kind: '', choices: [], head: '', typed };
  if (awaiting) return { ...none, due: 'value', ...dueOf(awaiting) };
  const [, long, value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  const option = long === undefined ? undefined : optionOf(command, long);
  if (option && value !== undefined && !walk.isLiteral)
    return { ...none, due: 'value', ...dueOf(option), head: `${long}=`, typed: value };
  if (typed.startsWith('-') && !walk.isLiteral) return { ...none, due: 'option' };
  // Behind a word that is no command nobody knows what comes.
  if (command.commands.length > 0) return { ...none, due: walk.positionals === 0 ? 'command' : 'value' };
  const argument = argumentAt(command, walk.positionals);
  if (!argument) return { ...none, due: 'option' };
  return { ...none, due: 'value', kind: argument.name(), choices: argument.argChoices ?? [] };
}

/**
 * The options that may stand there: each once, but for those that may be repeated; what must be given comes
 * first.
 */
export function optionsAt({ command, given }: Place): readonly Option[] {
  const open = command.options.filter(
    option => !option.hidden && (option.parseArg === collect || !given.has(option.long ?? '')),
  );
  const usual = ['--json', '--config', '--context'];
  const rank = ({ mandatory, long = '' }: Option): number =>
    mandatory && !given.has(long) ? 0 : usual.includes(long) ? 2 : 1;
  return [...open].sort((one, other) => rank(one) - rank(other));
}

/** What help calls the value of an option: `selector` of `--hosts <selector>`; empty where it takes none. */
export function kindOf({ flags }: Option): string {
  return /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '';
}

interface Walk {
  readonly command: Command;
  /** The option whose value is the next word. */
  readonly awaiting: Option | undefined;
  readonly given: ReadonlyMap<string, string>;
  readonly positionals: number;
  /** Whether -- was typed: no option comes behind it. */
  readonly isLiteral: boolean;
}

function walkTo(program: Command, words: readonly string[]): Walk {
  const given = new Map<string, string>();
  let command = program;
  let awaiting: Option | undefined;
  let positionals = 0;
  let isLiteral = false;
  for (const word of words) {
    if (awaiting) {
      given.set(awaiting.long ?? '', word);
      awaiting = undefined;
    } else if (word === '--') isLiteral = true;
    else if (word.startsWith('--') && !isLiteral) {
      const [long = '', value] = word.split(/=(.*)/s);
      const option = optionOf(command, long);
      given.set(long, value ?? '');
      if (option && kindOf(option) !== '' && value === undefined) awaiting = option;
    } else {
      const next = positionals === 0 ? command.commands.find(each => each.name() === word) : undefined;
      if (next) command = next;
      else positionals += 1;
    }
  }
  return { command, awaiting, given, positionals, isLiteral };
}

function optionOf(command: Command, long: string): Option | undefined {
  return command.options.find(option => option.long === long);
}

function dueOf(option: Option): Pick<Place, 'kind' | 'choices'> {
  return { kind: kindOf(option), choices: option.argChoices ?? [] };
}

function argumentAt({ registeredArguments: known }: Command, index: number): Argument | undefined {
  const last = known.at(-1);
  return known[index] ?? (last?.variadic ? last : undefined);
}
