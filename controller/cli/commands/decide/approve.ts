import { FarcallError } from '../../../../shared/errors/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withSigningOptions,
} from '../../core/index.ts';
import type { ConfirmOptions } from '../../interaction/index.ts';
import type { CliContext } from '../../session/index.ts';
import { DECISION_NOTES, decide } from './decide.ts';

/** `farcall approve`. */
export const addApprove: AddCommand = (parent, context, exitWith) => {
  const command = withSigningOptions(parent.command('approve'))
    .summary('show a request, and sign it if you confirm')
    .description('Shows a request and its plan. If you confirm, signs the request with your key.');
  addHelp(command, {
    notes: [
      ...DECISION_NOTES,
      'Here --yes needs --digest. For more than 100 hosts you type their number instead of y.',
    ],
    examples: ['approve 7k2m9x4qw8rt', 'approve 7k2m9x4qw8rt --yes --digest sha256:9d144f5100c9e47c'],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: ConfirmOptions) => exitWith(await approve(context, id, options)));
};

/**
 * Threat: a controller, or somebody between the review and a script, replaces the request that was reviewed.
 * A person sees what they sign. A script (--yes) must name the digest that was reviewed, and signs nothing
 * else.
 */
async function approve(context: CliContext, id: string, options: ConfirmOptions): Promise<ExitCode> {
  if (options.yes && options.digest === undefined)
    throw new FarcallError(
      'CONFIG_INVALID',
      '--yes approves without a review: add --digest, which farcall request and farcall approve print',
    );
  return decide(context, id, { options, decision: 'approve', question: 'Approve exactly this,' });
}
