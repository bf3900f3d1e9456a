import { type AddCommand, addHelp, EXIT, REMOTE_EXITS } from '../../core/index.ts';
import { waveName, wavesOf } from '../../output/index.ts';
import { promotePreview } from './preview.ts';
import {
  type ActionOptions,
  CONFIRMATION_NOTE,
  controlRollout,
  withConfirmedAction,
} from './rollout-command.ts';

/** `farcall promote`. */
export const addPromote: AddCommand = (parent, context, exitWith) => {
  const command = withConfirmedAction(parent.command('promote'))
    .summary('start the wave that waits for promotion')
    .description('Starts the wave that waits for promotion.');
  addHelp(command, {
    notes: [CONFIRMATION_NOTE],
    examples: [
      "promote 7k2m9x4qw8rt --reason 'canaries are healthy'",
      'promote 7k2m9x4qw8rt --reason canary-ok --yes',
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: ActionOptions) =>
    exitWith(
      await controlRollout(context, id, options, {
        confirmation: { preview: promotePreview, question: 'Promote' },
        done: view => {
          const next = wavesOf(view).find(({ state }) => state === 'pending');
          return next ? `Promoted; ${waveName(next)} is next.` : 'Promoted.';
        },
        action: 'promote',
      }),
    ),
  );
};
