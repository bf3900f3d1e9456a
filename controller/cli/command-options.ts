import type { Command } from 'commander';

/** A command that speaks with the controller as an operator. */
export function common(command: Command): Command {
  return withJson(command).option('--config <file>', 'who you are and where the controller is');
}

/** A command whose output programs can read. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON for programs');
}
