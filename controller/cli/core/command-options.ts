import type { Command } from 'commander';
import { parseRequestId } from './option-values.ts';

/** What can be given for a key, as the help says it. */
export const KEY_HELP = 'file, pkcs11: URI or ssh-agent:FINGERPRINT';

/** Collects the values of an option that may be repeated, in their order. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** Adds the options of a command that calls the controller as an operator. */
export function withOperatorOptions(command: Command): Command {
  return withConfig(withJson(command));
}

/** Adds the options of a command that reads the operator's configuration. */
export function withConfig(command: Command): Command {
  return command
    .option('--config <file>', 'your configuration file: see farcall help contexts')
    .option('--context <context>', 'the context to use, if the configuration has several');
}

/** Adds `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON for programs');
}

/** Adds the options of a command that signs something about a request, after a confirmation. */
export function withSigningOptions(command: Command): Command {
  return withOperatorOptions(command)
    .argument('<id>', 'request id, or its first letters', parseRequestId)
    .option('--yes', 'sign without asking, for scripts')
    .option(
      '--digest <sha256>',
      'fail unless the request has this digest; the first 16 hex digits are enough',
    );
}
