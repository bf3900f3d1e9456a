import { asciiJson } from '../../../../shared/json/index.ts';
import { printable, summaryToJson } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  EXIT,
  type ExitCode,
  parseLimit,
  REMOTE_EXITS,
  withOperatorOptions,
  withSession,
} from '../../core/index.ts';
import { printStatus } from '../../interaction/index.ts';
import { agoText, outcomesText, renderTable } from '../../output/index.ts';

interface RequestsOptions extends CommonOptions {
  readonly limit: string;
}

/** `farcall requests`. */
export const addRequests: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('requests'))
    .summary('list requests and their status')
    .description('Lists requests and their status, newest first.')
    .option('--limit <n>', 'how many requests to list, at most', '50');
  addHelp(command, {
    examples: ['requests', 'requests --limit 5 --json'],
    exits: REMOTE_EXITS,
  }).action(async (options: RequestsOptions) => exitWith(await requests(context, options)));
};

async function requests(context: CliContext, options: RequestsOptions): Promise<ExitCode> {
  const limit = parseLimit(options.limit);
  return withSession(context, options, async session => {
    const { client } = session;
    const { terminal, clock } = context;
    const list = (await client.call('listRequests', { limit })).requests;
    await printStatus(context, session);
    if (options.json) {
      terminal.print(asciiJson(list.map(summaryToJson)));
      return EXIT.ok;
    }
    const rows = list.map(summary => [
      { text: summary.id },
      { text: summary.state },
      { text: summary.requester },
      { text: agoText(summary.createdAtMs, clock.nowMs()) },
      { text: printable(summary.selector) },
      { text: outcomesText(summary) },
      { text: printable(summary.reason) },
    ]);
    const headers = ['ID', 'STATE', 'BY', 'MADE', 'HOSTS', 'OUTCOMES', 'REASON'];
    for (const line of renderTable({ headers, rows, flexible: [6, 4, 5], width: terminal.columns }))
      terminal.print(line);
    return EXIT.ok;
  });
}
