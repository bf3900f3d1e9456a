import { type AddCommand, addHelp, EXIT, REMOTE_EXITS, withSigningOptions } from '../../core/index.ts';
import type { ConfirmOptions } from '../../interaction/index.ts';
import { DECISION_NOTES, decide } from './decide.ts';

interface RejectOptions extends ConfirmOptions {
  readonly reason: string;
}

/** `farcall reject`. */
export const addReject: AddCommand = (parent, context, exitWith) => {
  const command = withSigningOptions(parent.command('reject'))
    .summary('block a request')
    .description(
      'Blocks a request, however many people approve it. To lift your rejection, use farcall withdraw.',
    )
    .requiredOption('--reason <text>', 'the reason, which is signed too');
  addHelp(command, {
    notes: DECISION_NOTES,
    examples: [
      "reject 7k2m9x4qw8rt --reason 'wrong hosts'",
      "reject 7k2m9x4qw8rt --reason 'no gate' --yes --json",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: RejectOptions) => {
    const { reason } = options;
    exitWith(await decide(context, id, { options, decision: 'reject', reason, question: 'Reject' }));
  });
};
