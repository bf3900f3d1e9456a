import { asciiJson } from '../../../shared/json/index.ts';
import {
  GROUPS_LIMIT,
  type ReportFilter,
  type ReportKey,
  type ReportView,
  type RequestView,
} from '../../../shared/messages/index.ts';
import {
  checkSums,
  grouped,
  type HostResult,
  hostResultOf,
  hostResultToJson,
  namedGroups,
  parseFilter,
  parseGroupBy,
  type ReadRequest,
  readRequestView,
  requestToJson,
  sumsText,
  sumsToJson,
} from '../../views/index.ts';
import { type CliContext, type CommonOptions, type Session, withSession } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXPORT_FORMATS } from '../output/export-rows.ts';
import { renderGroups } from '../output/report-table.ts';
import { renderNotes, renderResults } from '../output/result-table.ts';
import { exitOf, standingText } from '../output/standing.ts';
import { cut } from '../output/text-width.ts';
import { renderWaves } from '../output/waves.ts';
import { toOutput, type WriteText } from '../output-file.ts';

/** Options of `farcall report`. */
export interface ReportOptions extends CommonOptions {
  readonly groupBy?: string;
  readonly filter: readonly string[];
  readonly format: 'table' | 'jsonl' | 'csv';
  readonly output?: string;
}

/** What is asked for, once it is read. */
interface Wanted {
  readonly id: string;
  readonly filter: ReportFilter;
  /** Undefined where hosts are wanted one by one, as far as the format has both. */
  readonly groupBy: readonly ReportKey[] | undefined;
}

const GROUP_BY: readonly ReportKey[] = ['outcome', 'value', 'errno', 'error'];
const GROUPS_SHOWN = 40;
/** Of so many hosts a table has a line for each; of more it has groups. */
export const HOSTS_SHOWN = 40;
const LIST_LIMIT_MS = 3_600_000;

/** Prints or exports how a request stands now: hosts in groups or one by one. */
export async function report(context: CliContext, id: string, options: ReportOptions): Promise<ExitCode> {
  const { filter, groupBy, format, output, json } = options;
  const wanted: Wanted = {
    id,
    filter: parseFilter(filter),
    groupBy: groupBy === undefined ? undefined : parseGroupBy(groupBy),
  };
  return withSession(context, options, async session => {
    const { terminal } = context;
    const request = readRequestView(await session.client.call('getRequest', { id }), id);
    await toOutput(terminal, output, async write => {
      if (json) await writeJson(session, request, wanted, write);
      else if (format !== 'table') await writeRows(session, wanted, { format, write, warn: terminal.warn });
      else {
        const width = output === undefined ? terminal.columns : Number.POSITIVE_INFINITY;
        const style = { width, hasColours: output === undefined && terminal.hasColours };
        for (const line of await reportLines(session, request, wanted, style)) write(`${line}\n`);
      }
    });
    return exitOf(request.view);
  });
}

interface Style {
  readonly width: number;
  readonly hasColours: boolean;
}

/** How a request stands, for people: sums, waves, groups, and few hosts one by one. */
export async function reportLines(
  session: Session,
  request: ReadRequest,
  wanted: Wanted,
  style: Style,
): Promise<string[]> {
  const keys = wanted.groupBy ?? GROUP_BY;
  const view = await groupsOf(session, { ...wanted, groupBy: keys }, GROUPS_SHOWN);
  const waves = request.request.rollout ? renderWaves(request, style.width) : [];
  const filtered = view.matchingHosts < view.expectedHosts ? [`${grouped(view.matchingHosts)} fit`] : [];
  const head = [standingText(request), sumsText(view.expectedHosts, view.outcomes)];
  const hosts =
    view.matchingHosts <= HOSTS_SHOWN && wanted.groupBy === undefined
      ? await hostLines(session, wanted, style)
      : renderGroups(view, keys, style);
  const more =
    view.matchingHosts > HOSTS_SHOWN && wanted.groupBy === undefined
      ? ['', `Each host: farcall report ${wanted.id} --format jsonl`]
      : [];
  return [...head.map(line => cut(line, style.width)), ...waves, ...filtered, ...hosts, ...more];
}

async function hostLines(session: Session, wanted: Wanted, style: Style): Promise<string[]> {
  const hosts: HostResult[] = [];
  for await (const host of hostsOf(session, wanted)) hosts.push(host);
  if (hosts.length === 0) return [];
  const notes = renderNotes(hosts);
  return [...renderResults(hosts, style), ...(notes.length > 0 ? ['', ...notes] : [])];
}

async function groupsOf({ client }: Session, wanted: Wanted, limit: number): Promise<ReportView> {
  const { id, filter, groupBy = GROUP_BY } = wanted;
  const view = await client.call('getReport', { id, filter, groupBy: [...groupBy], limit });
  checkSums(view);
  return view;
}

async function* hostsOf({ client }: Session, { id, filter }: Wanted): AsyncGenerator<HostResult> {
  for await (const host of client.stream('listReport', { id, filter }, LIST_LIMIT_MS))
    yield hostResultOf(host);
}

/** One object: the request, its sums, and hosts or groups; written piece by piece, whatever its size. */
async function writeJson(session: Session, request: ReadRequest, wanted: Wanted, write: WriteText) {
  const sums = (view: Pick<RequestView, 'expectedHosts' | 'outcomes'>): string => asciiJson(sumsToJson(view));
  write(`{"request":${asciiJson(requestToJson(request))}`);
  if (wanted.groupBy) {
    const view = await groupsOf(session, wanted, GROUPS_LIMIT);
    write(`,"sums":${sums(view)},"matchingHosts":${view.matchingHosts},"otherHosts":${view.otherHosts}`);
    write(`,"groups":${asciiJson(namedGroups(view, wanted.groupBy))}}\n`);
    return;
  }
  write(`,"sums":${sums(request.view)},"hosts":[`);
  let comma = '';
  for await (const host of hostsOf(session, wanted)) {
    write(`${comma}${asciiJson(hostResultToJson(host))}`);
    comma = ',';
  }
  write(']}\n');
}

async function writeRows(
  session: Session,
  wanted: Wanted,
  {
    format,
    write,
    warn,
  }: { readonly format: 'jsonl' | 'csv'; readonly write: WriteText; readonly warn: WriteText },
): Promise<void> {
  const rows = EXPORT_FORMATS[format];
  write(rows.head(wanted.groupBy ? 'groups' : 'hosts'));
  if (!wanted.groupBy) {
    for await (const host of hostsOf(session, wanted)) write(rows.host(host));
    return;
  }
  const view = await groupsOf(session, wanted, GROUPS_LIMIT);
  for (const group of namedGroups(view, wanted.groupBy)) write(rows.group(group));
  if (view.otherHosts > 0)
    warn(
      `farcall: ${grouped(view.otherHosts)} hosts are in none of the ${GROUPS_LIMIT} groups: group by less`,
    );
}
