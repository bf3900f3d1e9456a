import type { Argument, Command, Option } from 'commander';
import type { ArgumentEntry, CommandEntry, OptionEntry } from './command-entry.ts';
import { collect } from './command-options.ts';

/** The commands below `command`, with their options and arguments, as plain data. */
export function commandTree(command: Command): CommandEntry {
  return {
    name: command.name(),
    description: command.summary() || command.description(),
    options: command.options.filter(({ hidden }) => !hidden).map(optionEntry),
    arguments: command.registeredArguments.map(argumentEntry),
    // `createHelp` knows which commands are not shown.
    commands: command.createHelp().visibleCommands(command).map(commandTree),
  };
}

function optionEntry(option: Option): OptionEntry {
  const { long, flags, description, mandatory: isRequired } = option;
  const isRepeatable = option.parseArg === collect;
  const [kind, choices] = [valueKindAt(option), option.argChoices ?? []];
  return { name: long ?? flags, description, isRequired, isRepeatable, kind, choices };
}

function argumentEntry(argument: Argument): ArgumentEntry {
  return { kind: argument.name(), isVariadic: argument.variadic, choices: argument.argChoices ?? [] };
}

/**
 * The kind of an option's value, as help names it: `selector` of `--hosts <selector>`. Empty for an option
 * without a value.
 */
export function valueKindAt({ flags }: Option): string {
  return /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '';
}
