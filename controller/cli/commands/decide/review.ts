import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { digestText, signToken } from '../../../../shared/tokens/index.ts';
import { readRequestView, requestToJson } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  findRequest,
  REMOTE_EXITS,
  withSigningOptions,
} from '../../core/index.ts';
import { type ConfirmOptions, isConfirmed, showRequest } from '../../interaction/index.ts';
import { type CliContext, withSession } from '../../session/index.ts';

interface ReviewOptions extends ConfirmOptions {
  readonly reason: string;
  readonly object?: boolean;
}

/** How long the token of a review is valid, in seconds; it is handed in at once. */
const REVIEW_LIFE_S = 600;

/** `farcall review`. */
export const addReview: AddCommand = (parent, context, exitWith) => {
  const command = withSigningOptions(parent.command('review'))
    .summary('review an emergency after it ran')
    .description('Says, signed, whether an approved request of the policy emergency was an emergency.')
    .requiredOption('--reason <text>', 'your finding, which is signed too')
    .option('--object', 'it was no emergency, or not done as it should be');
  addHelp(command, {
    notes: [
      'The requester and everyone who approved the emergency cannot review it.',
      'farcall reviews lists the emergencies that lack reviews.',
    ],
    examples: [
      "review 7k2m9x4qw8rt --reason 'nfsd hung on all of db; INC-4711'",
      "review 7k2m9x4qw8rt --object --reason 'could have waited for the standard policy'",
    ],
    exits: [...REMOTE_EXITS, EXIT.declined],
  }).action(async (id: string, options: ReviewOptions) => exitWith(await review(context, id, options)));
};

function review(context: CliContext, typed: string, options: ReviewOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client, identity, key }) => {
    const { terminal, clock } = context;
    const read = await findRequest({ client }, typed);
    const { id } = read.request;
    if (read.view.emergency === undefined)
      throw new FarcallError(
        'CONFLICT',
        `request ${id} is no emergency that was approved; there is no review`,
      );
    showRequest(context, read, options);
    const text = options.object ? 'Object to the emergency' : 'Accept the emergency';
    if (!(await isConfirmed(context, read, { options, prompt: { text, identity } }))) {
      terminal.warn('Not reviewed.');
      return EXIT.declined;
    }
    const iat = Math.floor(clock.nowMs() / 1000);
    const verdict = options.object ? 'object' : 'accept';
    const times = { iat, exp: iat + REVIEW_LIFE_S };
    const { name: iss, site } = identity;
    const claims = { iss, site, ...times, req: digestText(read.digest), verdict } as const;
    const token = await signToken('review', { ...claims, reason: options.reason }, key);
    const after = readRequestView(await client.call('submitReview', { id, token }), id);
    const { reviewers = 0, reviews = [] } = after.view.emergency ?? {};
    if (options.json) terminal.print(asciiJson(requestToJson(after)));
    else terminal.print(`Reviewed: ${reviews.length} of ${reviewers}; ${identity.name} says ${verdict}.`);
    return EXIT.ok;
  });
}
