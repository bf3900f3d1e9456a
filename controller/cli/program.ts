import { type Argument, Command, Help, type HelpConfiguration, type Option } from 'commander';
import { addAskCommands } from './ask-program.ts';
import type { CliContext } from './context.ts';
import { addDecideCommands } from './decide-program.ts';
import type { ExitCode } from './exit-codes.ts';
import { addFunctionsCommand } from './functions-program.ts';
import { addHelpCommand, MAIN_HELP } from './help/index.ts';
import { addListCommands } from './list-program.ts';
import { addReportCommands, addRolloutCommands, addWatchCommand } from './report-program.ts';
import { addSetUpCommands } from './set-up-program.ts';
import { addSigningCommands } from './signing-program.ts';
import { addTrustCommands } from './trust-program.ts';

/** Gives the exit code of a command to whoever started the program. */
export type Finish = (code: ExitCode) => void;

/** Adds commands to the program. */
type Add = (program: Command, context: CliContext, finish: Finish) => void;

/** The commands, by what people do. */
const GROUPS: readonly (readonly [heading: string, ...adds: Add[]])[] = [
  ['Ask:', addAskCommands, addFunctionsCommand],
  ['Decide:', addDecideCommands],
  ['Run:', addWatchCommand, addRolloutCommands],
  ['Look:', addReportCommands, addListCommands],
  ['Set up:', addSetUpCommands, addTrustCommands, addSigningCommands],
  ['Learn:', addHelpCommand],
];

/** The widest that help is, and what is taken where nobody says how wide the output is. */
const HELP_COLUMNS = { most: 100, usual: 80 };

/** Commands are listed with what they take, and not that they have options: all do. `farcall` itself has none but --help. */
const HELP_STYLE: HelpConfiguration = {
  subcommandTerm: command =>
    [
      command.name(),
      ...command.registeredArguments.map(argumentTerm),
      ...(command.commands.length > 0 ? ['…'] : []),
    ].join(' '),
  visibleOptions(command) {
    if (!command.parent) return [];
    const options = new Help().visibleOptions(command);
    // What is special about a command comes first.
    return [...options].sort((one, other) => rankOf(one) - rankOf(other));
  },
};

/** The options that nearly all commands have. */
const USUAL_OPTIONS = ['--json', '--config', '--context', '--help'];

function rankOf({ long }: Option): number {
  return long ? USUAL_OPTIONS.indexOf(long) : -1;
}

/** All commands of a program, those of groups too. */
export function commandsBelow(command: Command): readonly Command[] {
  return command.commands.flatMap(each => [each, ...commandsBelow(each)]);
}

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? name.toUpperCase() : `[${name.toUpperCase()}]`;
}

/** The whole command line: every command with its options, help and examples. */
export function buildProgram(context: CliContext, finish: Finish): Command {
  const { terminal } = context;
  const { columns } = terminal;
  const program = new Command('farcall')
    .description(
      'Calls functions inside the Linux kernels of a fleet, when those who must approve it have signed it.',
    )
    .usage('COMMAND [OPTIONS]')
    .addHelpText('after', MAIN_HELP)
    .helpCommand(false)
    .exitOverride()
    .configureHelp(HELP_STYLE)
    .configureOutput({
      writeOut: text => terminal.write(text),
      writeErr: text => terminal.warn(text.trimEnd()),
      getOutHelpWidth: () =>
        Number.isFinite(columns) ? Math.min(columns, HELP_COLUMNS.most) : HELP_COLUMNS.usual,
      getOutHasColors: () => terminal.hasColours,
    })
    .showHelpAfterError('(add --help for what this command takes)');
  for (const [heading, ...adds] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of adds) add(program, context, finish);
  }
  // `farcall help` knows all of them.
  for (const command of commandsBelow(program)) command.helpCommand(false);
  return program;
}
