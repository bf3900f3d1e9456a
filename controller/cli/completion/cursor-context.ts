import type { ArgumentEntry, CommandEntry, OptionEntry } from '../core/index.ts';

/** The end of a command line, where the cursor is: which kinds of candidates may follow. */
export interface CursorContext {
  /** The innermost command that the line names. */
  readonly command: CommandEntry;
  /** The kinds of words that may follow. */
  readonly expects: 'command' | 'option' | 'value';
  /** The kind of the value, as help names it between brackets: `selector` of `--hosts <selector>`. */
  readonly kind: string;
  /** The allowed values, if they are a fixed list. */
  readonly choices: readonly string[];
  /** The text before the value in the same word: `--hosts=`. */
  readonly head: string;
  /** The part of the value that is already typed. */
  readonly typed: string;
  /** The last values of the options before the cursor, by long name. */
  readonly given: ReadonlyMap<string, string>;
}

/**
 * The context of the cursor after `words`, of which the last is being typed. `program` defines all commands.
 */
export function cursorContext(program: CommandEntry, words: readonly string[]): CursorContext {
  const typed = words.at(-1) ?? '';
  const walk = walkTo(program, words.slice(0, -1));
  const { command, awaiting, given } = walk;
  const none = { command, given, kind: '', choices: [], head: '', typed };
  if (awaiting) return { ...none, expects: 'value', ...kindOf(awaiting) };
  const [, long, value] = /^(--[^=]+)=(.*)$/s.exec(typed) ?? [];
  const option = long === undefined ? undefined : optionOf(command, long);
  if (option && value !== undefined && !walk.isLiteral)
    return { ...none, expects: 'value', ...kindOf(option), head: `${long}=`, typed: value };
  if (typed.startsWith('-') && !walk.isLiteral) return { ...none, expects: 'option' };
  // After a word that is not a command, nothing is known.
  if (command.commands.length > 0) return { ...none, expects: walk.positionals === 0 ? 'command' : 'value' };
  const argument = argumentAt(command, walk.positionals);
  if (!argument) return { ...none, expects: 'option' };
  return { ...none, expects: 'value', ...kindOf(argument) };
}

/**
 * The options that may follow. Those already given are left out unless they may be repeated. Required options
 * come first.
 */
export function optionsAt({ command, given }: CursorContext): readonly OptionEntry[] {
  const open = command.options.filter(({ name, isRepeatable }) => isRepeatable || !given.has(name));
  const usual = ['--json', '--config', '--context'];
  const rank = ({ isRequired, name }: OptionEntry): number =>
    isRequired && !given.has(name) ? 0 : usual.includes(name) ? 2 : 1;
  return [...open].sort((one, other) => rank(one) - rank(other));
}

interface Walk {
  readonly command: CommandEntry;
  /** The option whose value comes next. */
  readonly awaiting: OptionEntry | undefined;
  readonly given: ReadonlyMap<string, string>;
  readonly positionals: number;
  /** Whether `--` was typed. No option may follow it. */
  readonly isLiteral: boolean;
}

function walkTo(program: CommandEntry, words: readonly string[]): Walk {
  const given = new Map<string, string>();
  let command = program;
  let awaiting: OptionEntry | undefined;
  let positionals = 0;
  let isLiteral = false;
  for (const word of words) {
    if (awaiting) {
      given.set(awaiting.name, word);
      awaiting = undefined;
    } else if (word === '--') isLiteral = true;
    else if (word.startsWith('--') && !isLiteral) {
      const [long = '', value] = word.split(/=(.*)/s);
      const option = optionOf(command, long);
      given.set(long, value ?? '');
      if (option && option.kind !== '' && value === undefined) awaiting = option;
    } else {
      const next = positionals === 0 ? command.commands.find(each => each.name === word) : undefined;
      if (next) command = next;
      else positionals += 1;
    }
  }
  return { command, awaiting, given, positionals, isLiteral };
}

function optionOf(command: CommandEntry, long: string): OptionEntry | undefined {
  return command.options.find(({ name }) => name === long);
}

function kindOf({ kind, choices }: ArgumentEntry | OptionEntry): Pick<CursorContext, 'kind' | 'choices'> {
  return { kind, choices };
}

function argumentAt({ arguments: known }: CommandEntry, index: number): ArgumentEntry | undefined {
  const last = known.at(-1);
  return known[index] ?? (last?.isVariadic ? last : undefined);
}
