import { undoProgram } from '../../../../shared/undo/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  findRequest,
  parseRequestId,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { type CliContext, withSession } from '../../session/index.ts';
import { withCallOptions } from './planning-options.ts';
import { planAndRequest, type RequestOptions, withRequestOptions } from './request.ts';
import { withRolloutOptions } from './rollout-options.ts';

type UndoOptions = Omit<RequestOptions, 'hosts' | 'set'> & { readonly hosts?: string };

/** `farcall undo`. */
export const addUndo: AddCommand = (parent, context, exitWith) => {
  const command = withRequestOptions(
    withCallOptions(
      withOperatorOptions(parent.command('undo'))
        .summary('request that hosts put back what a request wrote')
        .description(
          'Makes a request of which each host puts back what an earlier request wrote to its memory, the newest write first.',
        )
        .argument('<id>', 'id of the earlier request, or its first letters', parseRequestId)
        .option('--hosts <selector>', 'only these hosts; without it, those of the earlier request'),
    ),
  );
  addHelp(withRolloutOptions(command), {
    notes: [
      'A host puts a value back only where the value that the request wrote still stands; elsewhere it says conflict. A host',
      'that has started again since has nothing to undo. What functions did that the request called is not undone.',
      'An undo is approved like any write, its plan shows what would be put back, and it can be undone itself.',
    ],
    examples: [
      "undo 7k2m9x4qw8rt --reason 'the setting made it worse'",
      "undo 7k2m9x4qw8rt --hosts role=canary --reason 'only the canaries'",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: UndoOptions) => exitWith(await undo(context, id, options)));
};

async function undo(context: CliContext, typed: string, options: UndoOptions): Promise<ExitCode> {
  return withSession(context, options, async session => {
    const { request } = await findRequest(session, typed);
    const program = { text: undoProgram(request.id) };
    const hosts = options.hosts ?? request.selector;
    return planAndRequest(context, session, program, { ...options, hosts, set: [] });
  });
}
