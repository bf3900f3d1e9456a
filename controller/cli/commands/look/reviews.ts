import { asciiJson } from '../../../../shared/json/index.ts';
import { formatTime, printable, summaryToJson } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  EXIT,
  type ExitCode,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { agoText, renderTable } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

/** `farcall reviews`. */
export const addReviews: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('reviews'))
    .summary('list emergencies that lack reviews')
    .description('Lists the approved requests of the policy emergency that too few people have reviewed.');
  addHelp(command, {
    examples: ['reviews', 'reviews --json'],
    exits: REMOTE_EXITS,
  }).action(async (options: CommonOptions) => exitWith(await reviews(context, options)));
};

function reviews(context: CliContext, options: CommonOptions): Promise<ExitCode> {
  return withSession(context, options, async ({ client }) => {
    const { terminal, clock } = context;
    const { emergencies } = await client.call('listEmergencies', {});
    if (options.json) {
      const json = emergencies.map(({ request, ...rest }) => ({ ...summaryToJson(request), ...rest }));
      terminal.print(asciiJson(json));
      return EXIT.ok;
    }
    const rows = emergencies.map(({ request, approvers, emergency }) => [
      { text: request.id },
      { text: [request.requester, ...approvers].join(', ') },
      { text: agoText(emergency.begunAtMs, clock.nowMs()) },
      { text: `${emergency.reviews.length} of ${emergency.reviewers}` },
      { text: dueText(emergency.dueAtMs, clock.nowMs()) },
      { text: printable(request.reason) },
    ]);
    if (rows.length === 0) terminal.print('Every emergency has been reviewed.');
    const headers = ['ID', 'BY', 'APPROVED', 'REVIEWS', 'DUE', 'REASON'];
    const table = { headers, rows, flexible: [5, 1], droppable: [1, 2, 5], width: terminal.columns };
    if (rows.length > 0) for (const line of renderTable(table)) terminal.print(line);
    return EXIT.ok;
  });
}

function dueText(dueAtMs: number, nowMs: number): string {
  return dueAtMs <= nowMs ? 'OVERDUE' : formatTime(dueAtMs);
}
