import { FarcallError } from '../../../shared/errors/index.ts';
import { asciiJson } from '../../../shared/json/index.ts';
import { REQUEST_STATES, type RequestState, type RequestsQuery } from '../../../shared/messages/index.ts';
import { formatMinute, parseDuration, printable, summaryToJson, sumsText } from '../../views/index.ts';
import { type CliContext, type CommonOptions, withSession } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { renderTable } from '../output/table.ts';

/** Options of `farcall history`. */
export interface HistoryOptions extends CommonOptions {
  readonly requester?: string;
  readonly since?: string;
  readonly state: readonly string[];
  readonly limit: string;
}

/** Lists past requests with where their hosts ended, the newest first. */
export async function history(context: CliContext, options: HistoryOptions): Promise<ExitCode> {
  const { terminal, clock } = context;
  const query: RequestsQuery = {
    limit: limitOf(options.limit),
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

/** `--limit` as a number from 1 to 500. Throws CONFIG_INVALID. */
export function limitOf(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 500) throw new FarcallError('CONFIG_INVALID', '--limit: a number from 1 to 500');
  return limit;
}

function stateOf(text: string): RequestState {
  const state = REQUEST_STATES.find(each => each === text);
  if (state) return state;
  throw new FarcallError('CONFIG_INVALID', `--state: '${text}' is none of ${REQUEST_STATES.join(', ')}`);
}

/** `7d` is as long ago as that; a date is its beginning in UTC. */
function sinceOf(text: string, nowMs: number): number {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(date)) return Math.max(0, date);
  return Math.max(0, nowMs - parseDuration('--since (or a date, 2027-01-31)', text));
}
