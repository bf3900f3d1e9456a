import type { Command } from 'commander';
import { common } from './command-options.ts';
import type { ConfirmOptions } from './commands/confirm.ts';
import { approve, type RejectOptions, reject } from './commands/decide.ts';
import { withdraw } from './commands/withdraw.ts';
import type { CliContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import type { Finish } from './program.ts';
import { REMOTE, teach } from './teach.ts';

const DIGEST = [
  'The digest is computed here from the bytes that are shown; your key never leaves this machine.',
  '--yes is for scripts; --digest holds what they sign to what was reviewed.',
];

/** The commands with which approvers decide. */
export function addDecideCommands(program: Command, context: CliContext, finish: Finish): void {
  const approving = confirmed(program.command('approve'))
    .summary('show a request, and sign it after a yes')
    .description('Shows a request and its plan, and signs it with your own key after a yes.');
  teach(approving, {
    notes: [
      ...DIGEST,
      '--yes needs --digest here. For more than 100 hosts their number is to be typed instead of y.',
    ],
    examples: ['approve 7k2m9x4qw8rt', 'approve 7k2m9x4qw8rt --yes --digest sha256:9d144f5100c9e47c'],
    exits: [...REMOTE, EXIT.declined],
  }).action(async (id: string, options: ConfirmOptions) => finish(await approve(context, id, options)));

  const rejecting = confirmed(program.command('reject'))
    .summary('block a request')
    .description('Blocks a request, however many approve, until you take that back with farcall withdraw.')
    .requiredOption('--reason <text>', 'why; signed with it');
  teach(rejecting, {
    notes: DIGEST,
    examples: [
      "reject 7k2m9x4qw8rt --reason 'wrong hosts'",
      "reject 7k2m9x4qw8rt --reason 'no gate' --yes --json",
    ],
    exits: [...REMOTE, EXIT.declined],
  }).action(async (id: string, options: RejectOptions) => finish(await reject(context, id, options)));

  const withdrawing = confirmed(program.command('withdraw'))
    .summary('take your approval or rejection back')
    .description('Takes your approval or rejection back, as long as nothing was ordered.');
  teach(withdrawing, {
    notes: DIGEST,
    examples: ['withdraw 7k2m9x4qw8rt', 'withdraw 7k2m9x4qw8rt --yes'],
    exits: [...REMOTE, EXIT.declined],
  }).action(async (id: string, options: ConfirmOptions) => finish(await withdraw(context, id, options)));
}

/** A command that signs something about a request after a yes. */
export function confirmed(command: Command): Command {
  return common(command)
    .argument('<id>', 'request id')
    .option('--yes', 'sign without asking, for scripts')
    .option('--digest <sha256>', 'refuse unless the request has this digest; 16 hex digits or more');
}
