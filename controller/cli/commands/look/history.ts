import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import { REQUEST_STATES, type RequestState, type RequestsQuery } from '../../../../shared/messages/index.ts';
import { formatMinute, parseDuration, printable, summaryToJson, sumsText } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  type CliContext,
  type CommonOptions,
  collect,
  EXIT,
  type ExitCode,
  parseLimit,
  REMOTE_EXITS,
  withOperatorOptions,
  withSession,
} from '../../core/index.ts';
import { renderTable } from '../../output/index.ts';

interface HistoryOptions extends CommonOptions {
  readonly requester?: string;
  readonly since?: string;
  readonly state: readonly string[];
  readonly limit: string;
}

/** `farcall history`. */
export const addHistory: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('history'))
    .summary('list past requests with their outcomes')
    .description('Lists past requests with the outcomes of their hosts, newest first.')
    .option('--requester <requester>', 'only requests of this person')
    .option('--since <time>', 'only requests made in the last 7d, or since a day (2027-01-31, UTC)')
    .option('--state <states>', 'only requests in one of these states, such as finished,aborted', collect, [])
    .option('--limit <n>', 'how many requests to list, at most', '50');
  addHelp(command, {
    examples: ['history --since 7d --state finished', 'history --requester alice --since 2027-01-31 --json'],
    exits: REMOTE_EXITS,
  }).action(async (options: HistoryOptions) => exitWith(await history(context, options)));
};

async function history(context: CliContext, options: HistoryOptions): Promise<ExitCode> {
  const { terminal, clock } = context;
  const query: RequestsQuery = {
    limit: parseLimit(options.limit),
    requester: options.requester,
    states: options.state.flatMap(text => text.split(',')).map(stateOf),
    sinceMs: options.since === undefined ? undefined : sinceOf(options.since, clock.nowMs()),
  };
  return withSession(context, options, async ({ client }) => {
    const list = (await client.call('listRequests', query)).requests;
    if (options.json) {
      terminal.print(asciiJson(list.map(summaryToJson)));
      return EXIT.ok;
    }
    const rows = list.map(summary => [
      { text: summary.id },
      { text: formatMinute(summary.createdAtMs) },
      { text: summary.requester },
      { text: summary.state },
      { text: sumsText(summary.expectedHosts, summary.outcomes) },
      { text: printable(summary.selector) },
      { text: printable(summary.reason) },
    ]);
    const headers = ['ID', 'MADE (UTC)', 'BY', 'STATE', 'SUMS', 'HOSTS', 'REASON'];
    for (const line of renderTable({ headers, rows, flexible: [6, 5, 4], width: terminal.columns }))
      terminal.print(line);
    return EXIT.ok;
  });
}

function stateOf(text: string): RequestState {
  const state = REQUEST_STATES.find(each => each === text);
  if (state) return state;
  throw new FarcallError('CONFIG_INVALID', `--state: '${text}' is not one of ${REQUEST_STATES.join(', ')}`);
}

/** A duration means that long ago. A date means its beginning in UTC. */
function sinceOf(text: string, nowMs: number): number {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(date)) return Math.max(0, date);
  return Math.max(0, nowMs - parseDuration('--since (or a date, 2027-01-31)', text));
}
