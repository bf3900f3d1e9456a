import {
  type CallResult,
  type HostView,
  hostFactsCodec,
  type RequestSummary,
  type RequestView,
} from '../../shared/messages/index.ts';
import type { HostResult } from './host-result.ts';
import { groupPlan, type ReadPlan, wouldRun } from './read-plan.ts';
import type { ReadRequest } from './read-request.ts';
import { sumOf } from './sums.ts';

/** A request for programs; everything but `standing` is from the bytes. */
export function requestToJson({ view, request, digest }: ReadRequest): object {
  const { request: _bytes, ...standing } = view;
  const { planDigest, expectedHostsDigest, ...said } = request;
  return {
    ...said,
    ...(planDigest && { planDigest: hex(planDigest) }),
    ...(expectedHostsDigest && { expectedHostsDigest: hex(expectedHostsDigest) }),
    digest: hex(digest),
    bytes: Buffer.from(view.request).toString('base64'),
    standing,
  };
}

/** A plan for programs: everything that was said, and which kernels said the same. */
export function planToJson(read: ReadPlan): object {
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
    answers: [...replies.values()].map(({ protocol: _of, queryDigest: _to, ...said }) => said),
    groups: groupPlan(read).map(({ hosts, kernels, answers }) => ({
      hosts,
      kernels: kernels.map(({ release, version, arch }) => ({ release, version, arch })),
      answers: answers.map(({ hosts: by, reply }) => ({ hosts: by, wouldRun: wouldRun(reply) })),
    })),
  };
}

/**
 * A host's part in a request for programs. `result` is decoded from the bytes that the host signed, and `saidBy` says whose
 * word the outcome is; the rest is the controller's.
 */
export function hostResultToJson({ report, result, late, errno }: HostResult): object {
  return {
    host: report.host,
    wave: report.wave,
    attempt: report.attempt,
    kernelRelease: result?.kernelRelease || report.kernelRelease,
    arch: report.arch,
    outcome: report.outcome ?? null,
    saidBy: result ? 'host' : 'controller',
    ...(errno !== undefined && { errno }),
    ...(report.unhealthy !== undefined && { unhealthy: report.unhealthy }),
    result: result ? resultToJson(result) : null,
    lateResult: late ? resultToJson(late) : null,
  };
}

/** A known host for programs. */
export function hostToJson({ facts, kid, labels, firstSeenAtMs, lastSeenAtMs }: HostView): object {
  const { labels: ownLabels, ...said } = hostFactsCodec.decode(facts);
  return { ...said, labels, ownLabels, kid, firstSeenAtMs, lastSeenAtMs };
}

/** The sums of a request for programs; `waiting` are the hosts without an outcome. */
export function sumsToJson({ expectedHosts, outcomes }: Pick<RequestView, 'expectedHosts' | 'outcomes'>) {
  const counts = Object.fromEntries(outcomes.map(({ outcome, hosts }) => [outcome, hosts]));
  return { expected: expectedHosts, ...counts, waiting: expectedHosts - sumOf(outcomes) };
}

/** A line of the list of requests for programs. */
export function summaryToJson(summary: RequestSummary): object {
  return { ...summary, sums: sumsToJson(summary) };
}

function resultToJson({ requestDigest, ...result }: CallResult): object {
  return { ...result, requestDigest: hex(requestDigest) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
