import type { Command } from 'commander';
import type { CliContext } from '../session/index.ts';
import type { ExitCode } from './exit-codes.ts';

/** Takes the exit code of the command that ran. */
export type ExitWith = (code: ExitCode) => void;

/** Adds one command, or a group of them, below `parent`. Each command gives its exit code to `exitWith`. */
export type AddCommand = (parent: Command, context: CliContext, exitWith: ExitWith) => void;

/** All commands below `command`, at every depth. */
export function subcommandsOf(command: Command): readonly Command[] {
  return command.commands.flatMap(each => [each, ...subcommandsOf(each)]);
}
