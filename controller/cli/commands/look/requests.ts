import { FarcallError } from '../../../../shared/errors/index.ts';
import { asciiJson } from '../../../../shared/json/index.ts';
import {
  REQUEST_STATES,
  type RequestState,
  type RequestSummary,
  type RequestsQuery,
} from '../../../../shared/messages/index.ts';
import { parseDuration, printable, summaryToJson } from '../../../views/index.ts';
import {
  type AddCommand,
  addHelp,
  collect,
  EXIT,
  type ExitCode,
  parseLimit,
  REMOTE_EXITS,
  withOperatorOptions,
} from '../../core/index.ts';
import { printStatus } from '../../interaction/index.ts';
import { agoText, outcomesText, renderTable } from '../../output/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../../session/index.ts';

interface RequestsOptions extends CommonOptions {
  readonly requester?: string;
  readonly since?: string;
  readonly state: readonly string[];
  readonly limit: string;
}

/** `farcall requests`. */
export const addRequests: AddCommand = (parent, context, exitWith) => {
  const command = withOperatorOptions(parent.command('requests'))
    .summary('list requests and their status')
    .description('Lists requests with their status and the outcomes of their hosts, newest first.')
    .option('--requester <requester>', 'only requests of this person')
    .option('--since <time>', 'only requests made in the last 7d, or since a day (2027-01-31, UTC)')
    .option('--state <states>', 'only requests in one of these states, such as finished,aborted', collect, [])
    .option('--limit <n>', 'how many requests to list, at most', '50');
  addHelp(command, {
    notes: ['farcall inbox lists what waits for you.'],
    examples: [
      'requests',
      'requests --since 7d --state finished,aborted',
      'requests --requester alice --since 2027-01-31 --json',
    ],
    exits: REMOTE_EXITS,
  }).action(async (options: RequestsOptions) => exitWith(await requests(context, options)));
};

async function requests(context: CliContext, options: RequestsOptions): Promise<ExitCode> {
  const { terminal, clock } = context;
  const query: RequestsQuery = {
    limit: parseLimit(options.limit),
    requester: options.requester,
    states: options.state.flatMap(text => text.split(',')).map(stateOf),
    sinceMs: options.since === undefined ? undefined : sinceOf(options.since, clock.nowMs()),
  };
  return withSession(context, options, async session => {
    const list = (await session.client.call('listRequests', query)).requests;
    await printStatus(context, session);
    if (options.json) {
      terminal.print(asciiJson(list.map(summaryToJson)));
      return EXIT.ok;
    }
    const rows = list.map(summary => [
      { text: summary.id },
      { text: stateText(summary) },
      { text: summary.requester },
      { text: agoText(summary.createdAtMs, clock.nowMs()) },
      { text: printable(summary.selector) },
      { text: outcomesText(summary) },
      { text: printable(summary.reason) },
    ]);
    const headers = ['ID', 'STATE', 'BY', 'MADE', 'HOSTS', 'OUTCOMES', 'REASON'];
    const style = { flexible: [6, 4], droppable: [3, 2, 4, 6], width: terminal.columns };
    for (const line of renderTable({ headers, rows, ...style })) terminal.print(line);
    return EXIT.ok;
  });
}

/** The state of a request; of one whose rollout does not go on by itself, that of the rollout. */
function stateText({ state, rolloutState }: RequestSummary): string {
  const isHalted = ['stopped', 'paused', 'awaiting-promotion'].includes(rolloutState);
  return state === 'dispatched' && isHalted ? rolloutState : state;
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
