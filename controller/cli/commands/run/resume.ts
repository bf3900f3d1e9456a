import { type AddCommand, addHelp, EXIT, REMOTE_EXITS } from '../../core/index.ts';
import { resumePreview } from './preview.ts';
import {
  type ActionOptions,
  CONFIRMATION_NOTE,
  controlRollout,
  withConfirmedAction,
} from './rollout-command.ts';

/** `farcall resume`. */
export const addResume: AddCommand = (parent, context, exitWith) => {
  const command = withConfirmedAction(parent.command('resume'))
    .summary('resume a rollout')
    .description('Resumes a rollout that is paused, or that its gate stopped and a retry has mended.');
  addHelp(command, {
    notes: [CONFIRMATION_NOTE],
    examples: [
      "resume 7k2m9x4qw8rt --reason 'web-1 was something else'",
      "resume 7k2m9x4qw8rt --reason 'retried' --yes --json",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: ActionOptions) =>
    exitWith(
      await controlRollout(context, id, options, {
        confirmation: { preview: resumePreview, question: 'Resume' },
        done: ({ state, approvers, threshold, rollout }) =>
          state === 'pending' || state === 'rejected'
            ? `No longer paused. Nothing is ordered before it has its approvals: ${approvers.length} of ${threshold}.`
            : `Resumed; the rollout is ${rollout?.state ?? state}.`,
        action: 'resume',
      }),
    ),
  );
};
