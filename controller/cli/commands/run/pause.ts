import { type AddCommand, addHelp, REMOTE_EXITS } from '../../core/index.ts';
import { type ActionOptions, controlRollout, withRolloutAction } from './rollout-command.ts';

/** `farcall pause`. It asks for no confirmation, so that a person who sees a problem can act at once. */
export const addPause: AddCommand = (parent, context, exitWith) => {
  const command = withRolloutAction(parent.command('pause'))
    .summary('pause a rollout: no further wave begins')
    .description('Pauses a rollout at once: no further wave begins. Hosts that have the order go on.');
  addHelp(command, {
    notes: ['It does not ask for a confirmation, so that you can act at once.'],
    examples: ["pause 7k2m9x4qw8rt --reason 'web-1 looks odd'", 'pause 7k2m9x4qw8rt --reason smoke --json'],
    exits: REMOTE_EXITS,
  }).action(async (id: string, options: ActionOptions) =>
    exitWith(
      await controlRollout(context, id, options, {
        done: () => 'Paused. Hosts that have the order go on, and no further wave begins.',
        action: 'pause',
      }),
    ),
  );
};
