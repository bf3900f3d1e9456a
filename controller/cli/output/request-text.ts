import type { CallRequest, RequestView } from '../../../shared/messages/index.ts';
import { formatSelector, parseSelector } from '../../../shared/targets/index.ts';
import {
  digestHex,
  formatDuration,
  formatTime,
  hostCount,
  printable,
  type ReadRequest,
} from '../../views/index.ts';
import { fold } from './fold.ts';
import { renderRollout, waveHosts } from './rollout-text.ts';

/**
 * What a request says, from its bytes alone, for the person who is to sign it; lines of at most `columns` but for the program,
 * which is shown as it is.
 */
export function renderRequest(
  { request, digest }: ReadRequest,
  nowMs: number,
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const leftMs = request.expiresAtMs - nowMs;
  const left = leftMs > 0 ? `in ${formatDuration(leftMs)}` : 'over';
  const lines = [
    `Request ${request.id}`,
    `  requester  ${request.requester}`,
    `  reason     ${printable(request.reason)}`,
    `  hosts      ${printable(request.selector)}`,
    ...expectation(request),
    `  policy     ${request.policy}, effect ${request.effect}`,
    `  made       ${formatTime(request.createdAtMs)}`,
    `  expires    ${formatTime(request.expiresAtMs)} (${left})`,
    `  timeout    ${formatDuration(request.timeoutMs)}`,
    ...renderRollout(request),
    ...(request.planDigest ? [`  plan       ${digestHex(request.planDigest)}`] : []),
    `  digest     ${digestHex(digest)}`,
  ];
  return [
    ...lines.flatMap(line => fold(line, { columns, hang: VALUE_COLUMN })),
    '',
    ...numbered(printable(request.program, { lines: true })),
  ];
}

/** Where values stand behind their names. */
const VALUE_COLUMN = 13;

/** For whom it is, as it is signed: what the selector means when it is spelled out, how many hosts, which, and who later. */
function expectation({ selector, expectedHosts, expectedHostsDigest, lateJoiners }: CallRequest): string[] {
  const meant = formatSelector(parseSelector(selector));
  const which = expectedHostsDigest ? `, ${digestHex(expectedHostsDigest)}` : '';
  return [
    ...(meant.replaceAll(' ', '') === selector.replaceAll(' ', '') ? [] : [`  that is    ${meant}`]),
    ...(expectedHosts === undefined ? [] : [`  expected   ${hostCount(expectedHosts)}${which}`]),
    ...(lateJoiners ? ['  joiners    hosts that are enrolled later may run it too'] : []),
  ];
}

/** What the controller adds: it is not part of what is signed, and said so. */
export function renderStanding({ view }: ReadRequest): string[] {
  const { waves = [] } = view.rollout ?? {};
  const names = view.approvers.length > 0 ? `: ${view.approvers.join(', ')}` : '';
  const lines = [
    "The controller's word, not part of what is signed:",
    `  state      ${view.state}, ${view.approvers.length} of ${view.threshold} approvals${names}`,
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

/** Who rejected or aborted a request, and why. */
function objections({ decisions, abort }: RequestView): string[] {
  const standing = decisions.filter(({ decision, withdrawn }) => decision === 'reject' && !withdrawn);
  return [
    ...standing.map(({ approver, reason }) => `  rejected   by ${approver}: ${printable(reason)}`),
    ...(abort ? [`  aborted    by ${abort.by}: ${printable(abort.reason)}`] : []),
  ];
}

/** How many hosts ended in what: `3 of 5 hosts: 2 returned, 1 faulted`. */
export function outcomesText({
  outcomes,
  expectedHosts,
}: Pick<RequestView, 'outcomes' | 'expectedHosts'>): string {
  // Who is unreachable for now still owes an outcome.
  const final = outcomes.filter(({ outcome }) => outcome !== 'unreachable');
  const settled = final.reduce((sum, { hosts }) => sum + hosts, 0);
  const parts = outcomes.map(({ outcome, hosts }) => `${hosts} ${outcome}`);
  const list = parts.length > 0 ? `: ${parts.join(', ')}` : '';
  return `${settled} of ${hostCount(expectedHosts)}${list}`;
}

/** The lines of a program with their numbers. */
export function numbered(program: string): string[] {
  const lines = program.replace(/\n+$/, '').split('\n');
  const width = String(lines.length).length;
  return lines.map((line, index) => `  ${String(index + 1).padStart(width)} | ${line}`);
}
