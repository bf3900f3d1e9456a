import { asciiJson } from '../../../../shared/json/index.ts';
import {
  GROUPS_LIMIT,
  type ReportFilter,
  type ReportKey,
  type ReportView,
  type RequestView,
} from '../../../../shared/messages/index.ts';
import {
  checkSums,
  grouped,
  type HostResult,
  hostResultOf,
  hostResultToJson,
  namedGroups,
  type ReadRequest,
  requestToJson,
  sumsText,
  sumsToJson,
} from '../../../views/index.ts';
import type { WriteText } from '../../core/index.ts';
import {
  abortLines,
  EXPORT_FORMATS,
  type OutputStyle,
  renderGroups,
  renderNotes,
  renderResults,
  renderWaves,
  statusLine,
  wrapValue,
} from '../../output/index.ts';
import type { Session } from '../../session/index.ts';

/** The content of a report: one request, some of its hosts, and how they are grouped. */
export interface ReportQuery {
  readonly id: string;
  readonly filter: ReportFilter;
  /** Undefined for a report with each host, in formats that also have groups. */
  readonly groupBy: readonly ReportKey[] | undefined;
}

const GROUP_BY: readonly ReportKey[] = ['outcome', 'value', 'errno', 'error'];
const GROUPS_SHOWN = 40;
/** A table has a line for each of up to so many hosts. With more hosts it has groups. */
export const HOSTS_SHOWN = 40;
const LIST_LIMIT_MS = 3_600_000;

/** The report for people: the status, sums, waves, and either groups or a line for each host. */
export async function reportLines(
  session: Session,
  request: ReadRequest,
  query: ReportQuery,
  style: OutputStyle,
): Promise<string[]> {
  const keys = query.groupBy ?? GROUP_BY;
  const view = await groupsOf(session, { ...query, groupBy: keys }, GROUPS_SHOWN);
  const waves = request.request.rollout ? renderWaves(request, style.width) : [];
  const filtered = view.matchingHosts < view.expectedHosts ? [`${grouped(view.matchingHosts)} match`] : [];
  const head = [
    statusLine(request),
    sumsText(view.expectedHosts, view.outcomes),
    ...abortLines(request.view),
  ];
  const hosts =
    view.matchingHosts <= HOSTS_SHOWN && query.groupBy === undefined
      ? await hostLines(session, query, style)
      : renderGroups(view, keys, style);
  const more =
    view.matchingHosts > HOSTS_SHOWN && query.groupBy === undefined
      ? ['', `Each host: farcall report ${query.id} --format jsonl`]
      : [];
  return [
    ...head.flatMap(line => wrapValue(line, { columns: style.width, hang: 2 })),
    ...waves,
    ...filtered,
    ...hosts,
    ...more,
  ];
}

async function hostLines(session: Session, query: ReportQuery, style: OutputStyle): Promise<string[]> {
  const hosts: HostResult[] = [];
  for await (const host of hostsOf(session, query)) hosts.push(host);
  if (hosts.length === 0) return [];
  const notes = renderNotes(hosts);
  return [...renderResults(hosts, style), ...(notes.length > 0 ? ['', ...notes] : [])];
}

async function groupsOf({ client }: Session, query: ReportQuery, limit: number): Promise<ReportView> {
  const { id, filter, groupBy = GROUP_BY } = query;
  const view = await client.call('getReport', { id, filter, groupBy: [...groupBy], limit });
  checkSums(view);
  return view;
}

async function* hostsOf({ client }: Session, { id, filter }: ReportQuery): AsyncGenerator<HostResult> {
  for await (const host of client.stream('listReport', { id, filter }, LIST_LIMIT_MS))
    yield hostResultOf(host);
}

/**
 * Writes one JSON object: the request, its sums, and its hosts or groups. It is written in pieces, because it
 * may be large.
 */
export async function writeReportJson(
  session: Session,
  request: ReadRequest,
  query: ReportQuery,
  write: WriteText,
): Promise<void> {
  const sums = (view: Pick<RequestView, 'expectedHosts' | 'outcomes'>): string => asciiJson(sumsToJson(view));
  write(`{"request":${asciiJson(requestToJson(request))}`);
  if (query.groupBy) {
    const view = await groupsOf(session, query, GROUPS_LIMIT);
    write(`,"sums":${sums(view)},"matchingHosts":${view.matchingHosts},"otherHosts":${view.otherHosts}`);
    write(`,"groups":${asciiJson(namedGroups(view, query.groupBy))}}\n`);
    return;
  }
  write(`,"sums":${sums(request.view)},"hosts":[`);
  let comma = '';
  for await (const host of hostsOf(session, query)) {
    write(`${comma}${asciiJson(hostResultToJson(host))}`);
    comma = ',';
  }
  write(']}\n');
}

/** How rows are exported: the format, where they go, and where a warning goes. */
export interface RowExport {
  readonly format: 'jsonl' | 'csv';
  readonly write: WriteText;
  readonly warn: WriteText;
}

/** Writes each host, or each group, as a row. Warns if there are more groups than the controller returns. */
export async function writeReportRows(
  session: Session,
  query: ReportQuery,
  { format, write, warn }: RowExport,
): Promise<void> {
  const rows = EXPORT_FORMATS[format];
  write(rows.head(query.groupBy ? 'groups' : 'hosts'));
  if (!query.groupBy) {
    for await (const host of hostsOf(session, query)) write(rows.host(host));
    return;
  }
  const view = await groupsOf(session, query, GROUPS_LIMIT);
  for (const group of namedGroups(view, query.groupBy)) write(rows.group(group));
  if (view.otherHosts > 0)
    warn(
      `farcall: ${grouped(view.otherHosts)} hosts are in none of the first ${GROUPS_LIMIT} groups; group by fewer keys`,
    );
}
