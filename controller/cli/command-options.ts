import type { Command } from 'commander';

/** A command that speaks with the controller as an operator. */
export function common(command: Command): Command {
  return withConfig(withJson(command));
}

/** A command that reads the operator's configuration. */
export function withConfig(command: Command): Command {
  return command
    .option('--config <file>', 'who you are and where the controller is: farcall help contexts')
    .option('--context <context>', 'which context of it, where it has several');
}

/** A command whose output programs can read. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON for programs');
}
