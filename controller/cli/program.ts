import { type Argument, Command, Help, type HelpConfiguration, type Option } from 'commander';
import { agentVersion } from '../../shared/version/index.ts';
import { addFunctions, addPlan, addRequest, addUndo } from './commands/ask/index.ts';
import { addAudit } from './commands/audit/index.ts';
import { addContext } from './commands/context/index.ts';
import { addApprove, addReject, addReview, addWithdraw } from './commands/decide/index.ts';
import { addDoctor } from './commands/doctor/index.ts';
import { addHost } from './commands/host/index.ts';
import { addKey } from './commands/key/index.ts';
import { addComplete, addCompletion, addHelpCommand } from './commands/learn/index.ts';
import { addLock, addLocks, addUnlock } from './commands/lock/index.ts';
import {
  addConsole,
  addHosts,
  addInbox,
  addProbes,
  addReport,
  addRequests,
  addReviews,
  addTimeline,
  addVersions,
} from './commands/look/index.ts';
import { addRelease } from './commands/release/index.ts';
import { addAbort, addPause, addPromote, addResume, addRetry, addWatch } from './commands/run/index.ts';
import { addSigning } from './commands/signing/index.ts';
import { addTrust } from './commands/trust/index.ts';
import { type AddCommand, type ExitWith, subcommandsOf } from './core/index.ts';
import { mainHelp } from './help/index.ts';
import type { CliContext } from './session/index.ts';

/** The commands, grouped by what people do. */
const GROUPS: readonly (readonly [heading: string, ...adds: AddCommand[]])[] = [
  ['Ask:', addRequest, addUndo, addPlan, addFunctions],
  ['Decide:', addApprove, addReject, addWithdraw, addReview],
  ['Run:', addWatch, addPause, addResume, addPromote, addRetry, addAbort],
  [
    'Look:',
    addInbox,
    addRequests,
    addReport,
    addTimeline,
    addReviews,
    addHosts,
    addProbes,
    addVersions,
    addConsole,
    addAudit,
  ],
  ['Protect:', addLock, addUnlock, addLocks],
  [
    ...(['Set up:', addHost, addKey, addContext, addCompletion, addComplete, addTrust, addSigning] as const),
    ...([addRelease, addDoctor] as const),
  ],
  ['Learn:', addHelpCommand],
];

/** The width limit of help, and its width if the output has none. */
const HELP_COLUMNS = { most: 100, default: 80 };

/**
 * A command is listed with its arguments, without the words `[options]`, which would be on every line.
 * `farcall` itself has no options but --help and --version, so its options are not listed.
 */
const HELP_STYLE: HelpConfiguration = {
  minWidthToWrap: 20,
  subcommandTerm: command =>
    [
      command.name(),
      ...command.registeredArguments.map(argumentTerm),
      ...(command.commands.length > 0 ? ['…'] : []),
    ].join(' '),
  /** An option that may be repeated has the default [], which says nothing to people. */
  optionDescription(option) {
    const isList = Array.isArray(option.defaultValue);
    const text = isList ? option.description : new Help().optionDescription(option);
    return option.mandatory ? `${text} (required)` : text;
  },
  visibleOptions(command) {
    if (!command.parent) return [];
    const options = new Help().visibleOptions(command);
    // The options of this command alone come before those that nearly all commands have.
    return [...options].sort((one, other) => rankOf(one) - rankOf(other));
  },
};

/** The options that nearly all commands have. */
const COMMON_OPTIONS = ['--json', '--config', '--context', '--help'];

function rankOf({ long }: Option): number {
  return long ? COMMON_OPTIONS.indexOf(long) : -1;
}

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? name.toUpperCase() : `[${name.toUpperCase()}]`;
}

/** The whole command line: every command with its options, help and examples. */
export function buildProgram(context: CliContext, exitWith: ExitWith): Command {
  const { terminal } = context;
  const width = (): number =>
    Number.isFinite(terminal.columns) ? Math.min(terminal.columns, HELP_COLUMNS.most) : HELP_COLUMNS.default;
  const program = new Command('farcall')
    .description('Calls functions inside the Linux kernels of a fleet, once enough approvers have signed.')
    .usage('COMMAND [OPTIONS]')
    .version(`farcall ${agentVersion()}`, '--version', 'print the version')
    .addHelpText('after', () => mainHelp(width()))
    .helpCommand(false)
    .exitOverride()
    .configureHelp(HELP_STYLE)
    .configureOutput({
      writeOut: text => terminal.write(text),
      writeErr: text => terminal.warn(text.trimEnd()),
      getOutHelpWidth: width,
      getOutHasColors: () => terminal.hasColours,
    })
    .showHelpAfterError('(--help prints the arguments and options of this command)');
  for (const [heading, ...adds] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of adds) add(program, context, exitWith);
  }
  // `farcall help` covers every command, so no group of commands needs a help command of its own.
  for (const command of subcommandsOf(program)) command.helpCommand(false);
  return program;
}
