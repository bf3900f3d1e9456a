import type { CallRequest, RequestView } from '../../../shared/messages/index.ts';
import { formatSelector, parseSelector } from '../../../shared/targets/index.ts';
import { shortSite } from '../../../shared/tokens/index.ts';
import {
  digestHex,
  formatDuration,
  formatTime,
  hostCount,
  printable,
  type ReadRequest,
} from '../../views/index.ts';
import { abortLines } from './abort-text.ts';
import { fuelText, valueLines } from './plan-text.ts';
import { INDIRECT_CALLS_TEXT, type Paint } from './red-words.ts';
import { renderRollout, waveHosts } from './rollout-text.ts';
import { beginningOf, widthOf } from './truncate.ts';
import { wrapValue } from './wrap.ts';

/**
 * A request for the person who may sign it, from its bytes alone. The lines have at most `columns` cells: a
 * longer line of the program goes on behind a mark.
 */
export function renderRequest(
  { request, digest }: ReadRequest,
  nowMs: number,
  { columns = Number.POSITIVE_INFINITY, paint = same }: RequestStyle = {},
): string[] {
  const leftMs = request.expiresAtMs - nowMs;
  const left = leftMs > 0 ? `in ${formatDuration(leftMs)}` : 'expired';
  const lines = [
    `Request ${request.id}`,
    `  site       ${shortSite(request.site)}`,
    `  requester  ${request.requester}`,
    `  reason     ${printable(request.reason)}`,
    `  hosts      ${printable(request.selector)}`,
    ...expectation(request),
    `  policy     ${request.policy === 'emergency' ? 'EMERGENCY' : request.policy}, effect ${request.effect}`,
    ...(request.indirectCalls ? [`${POINTERS}${INDIRECT_CALLS_TEXT}`] : []),
    `  made       ${formatTime(request.createdAtMs)}`,
    `  expires    ${formatTime(request.expiresAtMs)} (${left})`,
    `  timeout    ${formatDuration(request.timeoutMs)}`,
    ...(request.fuel === undefined ? [] : [`  fuel       ${fuelText(request.fuel)}`]),
    ...valueLines(request).map(line => `  values     ${line}`),
    ...renderRollout(request),
    ...(request.planDigest ? [`  plan       ${digestHex(request.planDigest)}`] : []),
    `  digest     ${digestHex(digest)}`,
  ];
  return [
    ...lines.flatMap(line => {
      const colour = line.startsWith(POINTERS) ? paint : same;
      return wrapValue(line, { columns, hang: VALUE_COLUMN }).map(colour);
    }),
    '',
    ...numbered(printable(request.program, { lines: true }), columns),
  ];
}

/** How a request is shown. */
export interface RequestStyle {
  readonly columns?: number;
  /** Colours what a signer must not overlook. */
  readonly paint?: Paint;
}

const same: Paint = text => text;

const POINTERS = '  pointers   ';

/** The column in which values begin. */
const VALUE_COLUMN = 13;

/**
 * The hosts of a request as they are signed: the selector spelled out, how many hosts, their digest, and late
 * joiners.
 */
function expectation({ selector, expectedHosts, expectedHostsDigest, lateJoiners }: CallRequest): string[] {
  const spelledOut = formatSelector(parseSelector(selector));
  const digest = expectedHostsDigest ? `, ${digestHex(expectedHostsDigest)}` : '';
  return [
    ...(spelledOut.replaceAll(' ', '') === selector.replaceAll(' ', '')
      ? []
      : [`  that is    ${spelledOut}`]),
    ...(expectedHosts === undefined ? [] : [`  expected   ${hostCount(expectedHosts)}${digest}`]),
    ...(lateJoiners ? ['  joiners    hosts that are enrolled later may run it too'] : []),
  ];
}

/** The status of a request as the controller reports it. The text says that it is not signed. */
export function renderStatus({ view }: ReadRequest): string[] {
  const { waves = [] } = view.rollout ?? {};
  const names = view.approvers.length > 0 ? `: ${view.approvers.join(', ')}` : '';
  const lines = [
    'Reported by the controller, not signed:',
    `  state      ${view.state}, ${view.approvers.length} of ${view.threshold} approvals${names}`,
    ...limits(view),
    ...reviews(view),
    ...objections(view),
    ...(waves.length > 1 ? [`  waves      ${waveHosts(waves)}`] : []),
    `  hosts      ${hostCount(view.expectedHosts)} by kernel:`,
  ];
  for (const { kernelRelease, arch, hosts, examples } of view.kernels) {
    const more = hosts > examples.length ? ', …' : '';
    lines.push(`    ${hosts}  ${printable(`${kernelRelease} ${arch}`)}  ${examples.join(', ')}${more}`);
  }
  return lines;
}

/** Whose approval is still missing, and who cannot give it. */
function limits({ emptySeats, limited }: RequestView): string[] {
  return [
    ...(emptySeats.length > 0 ? [`  missing    ${emptySeats.map(team => `one of ${team}`).join(', ')}`] : []),
    ...limited.map(({ name, reason }) => `  limited    ${name} may not approve: ${printable(reason)}`),
  ];
}

/** How far the review of an emergency is. */
function reviews({ emergency }: RequestView): string[] {
  if (!emergency) return [];
  const { reviews: given, reviewers, dueAtMs, reviewedAtMs } = emergency;
  const due = reviewedAtMs === undefined ? `, due ${formatTime(dueAtMs)}` : '';
  return [
    `  emergency  ${given.length} of ${reviewers} reviews${due}`,
    ...given.map(
      ({ reviewer, verdict, reason }) =>
        `  reviewed   by ${reviewer}, who ${verdict === 'accept' ? 'accepts it' : 'objects'}: ${printable(reason)}`,
    ),
  ];
}

/** Everyone who rejected or aborted a request, and their reasons. */
function objections(view: RequestView): string[] {
  const { decisions } = view;
  const rejections = decisions.filter(({ decision, withdrawn }) => decision === 'reject' && !withdrawn);
  return [
    ...rejections.map(({ approver, reason }) => `  rejected   by ${approver}: ${printable(reason)}`),
    ...abortLines(view),
  ];
}

/** How many hosts have each outcome: `3 of 5 hosts: 2 returned, 1 faulted`. */
export function outcomesText({
  outcomes,
  expectedHosts,
}: Pick<RequestView, 'outcomes' | 'expectedHosts'>): string {
  // A host that is unreachable now may still report an outcome.
  const final = outcomes.filter(({ outcome }) => outcome !== 'unreachable');
  const answered = final.reduce((sum, { hosts }) => sum + hosts, 0);
  const parts = outcomes.map(({ outcome, hosts }) => `${hosts} ${outcome}`);
  const list = parts.length > 0 ? `: ${parts.join(', ')}` : '';
  return `${answered} of ${hostCount(expectedHosts)}${list}`;
}

/** Stands in the place of a line number where a line goes on that is too long for the window. */
const GOES_ON = '↪';

/** However narrow the window is, so many columns of a program stand in one row. */
const LEAST_PROGRAM_COLUMNS = 20;

/**
 * The lines of a program with line numbers. A line that does not fit goes on in the next row; tabs are four
 * spaces.
 *
 * Threat: what stands behind the edge of a window, after many spaces or tabs, is signed without being read.
 */
export function numbered(program: string, columns = Number.POSITIVE_INFINITY): string[] {
  const lines = program.replace(/\n+$/, '').replaceAll('\t', '    ').split('\n');
  const width = String(lines.length).length;
  const room = Math.max(columns - width - 5, LEAST_PROGRAM_COLUMNS);
  return lines.flatMap((line, index) =>
    rowsOf(line, room).map((row, part) => {
      const label = part === 0 ? String(index + 1) : GOES_ON;
      return `  ${label.padStart(width)} | ${row}`;
    }),
  );
}

/** `line` in rows of at most `columns` cells; nothing is left out. */
function rowsOf(line: string, columns: number): string[] {
  const rows: string[] = [];
  let rest = line;
  while (widthOf(rest) > columns) {
    const row = beginningOf(rest, columns) || rest[0]!;
    rows.push(row);
    rest = rest.slice(row.length);
  }
  return [...rows, rest];
}
