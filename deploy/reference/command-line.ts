import type { Command, Option } from 'commander';
import type { Terminal } from '../../controller/cli/core/index.ts';
import { buildProgram } from '../../controller/cli/program.ts';
import { systemClock } from '../../shared/clock/index.ts';
import { code, page, table } from './markdown.ts';

const silent = (): void => undefined;

/** The command line of `farcall`, which is never run here. */
export function farcallProgram(): Command {
  const terminal = {
    isInteractive: false,
    canAsk: false,
    columns: 120,
    rows: 40,
    warn: silent,
    write: silent,
  } as unknown as Terminal;
  return buildProgram({ terminal, clock: systemClock, env: {} }, () => undefined);
}

/** A command without subcommands, with all the words that lead to it. */
export interface LeafCommand {
  readonly path: string;
  readonly command: Command;
}

/** The commands below `command` that have no subcommands. */
export function leavesOf(command: Command, path = command.name()): LeafCommand[] {
  const below = command.commands.filter(each => !isHidden(each));
  if (below.length === 0) return [{ path, command }];
  return below.flatMap(each => leavesOf(each, `${path} ${each.name()}`));
}

function isHidden(command: Command): boolean {
  return (command as unknown as { _hidden?: boolean })._hidden === true || command.name() === 'help';
}

/** docs/reference/command-line.md. */
export function commandLinePage(): string {
  const leaves = leavesOf(farcallProgram());
  return page('Command line', [
    '`farcall COMMAND --help` prints the same, with examples. `farcall-agent` and `farcall-controller` have a `--help` of their own.\nExit codes are listed in [Errors](errors.md#how-programs-end).',
    ...leaves.flatMap(leaf => describe(leaf)),
  ]);
}

function describe({ path, command }: LeafCommand): string[] {
  const words = command.registeredArguments.map(argument => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const options = command.options.filter(option => !option.hidden).map(optionRow);
  const rows = options.length === 0 ? [] : [table(['option', 'meaning'], options)];
  return [`## ${[path, ...words].join(' ')}`, sentence(command.description()), ...rows];
}

function optionRow(option: Option): string[] {
  const { flags, description, mandatory, argChoices, defaultValue } = option;
  const isTold = typeof defaultValue === 'string' || typeof defaultValue === 'number';
  const notes = [
    ...(mandatory ? ['required'] : []),
    ...(argChoices ? [`one of ${argChoices.map(code).join(', ')}`] : []),
    ...(isTold ? [`default ${code(String(defaultValue))}`] : []),
  ];
  return [code(flags), [description, ...notes].join('; ')];
}

/** `text` with a capital at its beginning and a full stop at its end, which it may have already. */
function sentence(text: string): string {
  const end = /[.!?]$/.test(text) ? '' : '.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${end}`;
}
