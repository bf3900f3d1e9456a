import {
  type AuditEntryView,
  type CallResult,
  type HostView,
  hostFactsCodec,
  type RequestSummary,
  type RequestView,
} from '../../shared/messages/index.ts';
import { OUTCOMES } from '../../shared/outcome/index.ts';
import type { HostResult } from './host-result.ts';
import type {
  AuditEntryJson,
  HostJson,
  HostResultJson,
  PlanJson,
  RequestJson,
  RequestSummaryJson,
  ResultJson,
  SumsJson,
} from './json/index.ts';
import { groupPlan, type ReadPlan, wouldRun } from './read-plan.ts';
import type { ReadRequest } from './read-request.ts';
import { sumOf } from './sums.ts';

/** A request as JSON; everything but `status` is read from the bytes. */
export function requestToJson({ view, request, digest }: ReadRequest): RequestJson {
  const { request: _bytes, ...status } = view;
  const { planDigest, expectedHostsDigest, ...members } = request;
  return {
    ...members,
    ...(planDigest && { planDigest: hex(planDigest) }),
    ...(expectedHostsDigest && { expectedHostsDigest: hex(expectedHostsDigest) }),
    digest: hex(digest),
    bytes: Buffer.from(view.request).toString('base64'),
    status,
  };
}

/** A plan as JSON: what was asked, every reply, and which kernels replied the same. */
export function planToJson(read: ReadPlan): PlanJson {
  const { view, digest, plan, query, replies } = read;
  const { protocol: _protocol, id: _id, ...asked } = query;
  return {
    id: view.id,
    digest: hex(digest),
    madeBy: view.madeBy,
    madeAtMs: view.madeAtMs,
    selector: plan.selector,
    ...asked,
    expectedHosts: plan.expectedHosts,
    expectedHostsDigest: hex(plan.expectedHostsDigest),
    kernels: plan.kernels,
    ...(plan.signing && { signing: plan.signing }),
    answers: [...replies.values()].map(({ protocol: _protocol, queryDigest: _digest, ...reply }) => reply),
    groups: groupPlan(read).map(({ hosts, kernels, answers }) => ({
      hosts,
      kernels: kernels.map(({ release, version, arch }) => ({ release, version, arch })),
      answers: answers.map(({ hosts: by, reply }) => ({ hosts: by, wouldRun: wouldRun(reply) })),
    })),
  };
}

/** The result of a request on one host, as JSON. */
export function hostResultToJson({ report, result, late, errno }: HostResult): HostResultJson {
  return {
    host: report.host,
    wave: report.wave,
    attempt: report.attempt,
    kernelRelease: result?.kernelRelease || report.kernelRelease,
    arch: report.arch,
    outcome: report.outcome ?? null,
    saidBy: report.outcome === undefined ? 'controller' : OUTCOMES[report.outcome].saidBy,
    ...(errno !== undefined && { errno }),
    ...(report.unhealthy !== undefined && { unhealthy: report.unhealthy }),
    result: result ? resultToJson(result) : null,
    lateResult: late ? resultToJson(late) : null,
  };
}

/** A host as JSON. Throws MESSAGE_INVALID where its facts cannot be decoded. */
export function hostToJson({ facts, labels, ...others }: HostView): HostJson {
  const { labels: ownLabels, ...members } = hostFactsCodec.decode(facts);
  return { ...members, labels, ownLabels, ...others };
}

/** How many hosts of a request ended in which outcome, as JSON. */
export function sumsToJson({
  expectedHosts,
  outcomes,
}: Pick<RequestView, 'expectedHosts' | 'outcomes'>): SumsJson {
  const counts = Object.fromEntries(outcomes.map(({ outcome, hosts }) => [outcome, hosts]));
  return { expected: expectedHosts, ...counts, waiting: expectedHosts - sumOf(outcomes) };
}

/** A request of a list as JSON. */
export function summaryToJson(summary: RequestSummary): RequestSummaryJson {
  return { ...summary, digest: hex(summary.digest), sums: sumsToJson(summary) };
}

/** An entry of the audit log as JSON. */
export function auditEntryToJson({ hash, detail, ...entry }: AuditEntryView): AuditEntryJson {
  return { ...entry, detail: JSON.parse(detail), hash: hex(hash) };
}

function resultToJson({ requestDigest, journal: _journal, ...result }: CallResult): ResultJson {
  return { ...result, requestDigest: hex(requestDigest) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
