import type { Command, Option } from 'commander';
import { CALL_HELP } from '../../agent/cli/call-command.ts';
import { CHECKPOINT_HELP } from '../../agent/cli/checkpoint-command.ts';
import { CONFIG_HELP } from '../../agent/cli/config-command.ts';
import { DOCTOR_HELP } from '../../agent/cli/doctor-command.ts';
import { ENROL_HELP } from '../../agent/cli/enrol-command.ts';
import { PLAN_HELP } from '../../agent/cli/plan-command.ts';
import { POLICY_HELP } from '../../agent/cli/policy-command.ts';
import { RUN_HELP } from '../../agent/cli/run-command.ts';
import { buildProgram } from '../../controller/cli/program.ts';
import type { Terminal } from '../../controller/cli/session/index.ts';
import { controllerProgram } from '../../controller/program.ts';
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
    '`COMMAND --help` prints the same, with examples; `--version` prints the version of each of the three programs.\nExit codes are listed in [Errors](errors.md#how-programs-end).',
    ...leaves.flatMap(leaf => describe(leaf)),
    ...leavesOf(controllerProgram()).flatMap(leaf => describe(leaf)),
    ...AGENT_HELP.flatMap(describeAgent),
  ]);
}

/** What the commands of the agent print about themselves. */
export const AGENT_HELP = [
  ENROL_HELP,
  RUN_HELP,
  CALL_HELP,
  PLAN_HELP,
  POLICY_HELP,
  CONFIG_HELP,
  DOCTOR_HELP,
  CHECKPOINT_HELP,
];

/** The help of an agent's command: its first line is its heading, and the rest stays as it is printed. */
function describeAgent(help: string): string[] {
  const [heading = '', ...rest] = help.trimEnd().split('\n');
  return [`## ${heading}`, ['```', ...rest.join('\n').trim().split('\n'), '```'].join('\n')];
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
