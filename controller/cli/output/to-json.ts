import type { CallResult, HostView, RequestSummary } from '../../../shared/messages/index.ts';
import { hostFactsCodec } from '../../../shared/messages/index.ts';
import type { HostResult } from './host-result.ts';
import type { ReadRequest } from './request-text.ts';

/** A request for programs; everything but `standing` is from the bytes. */
export function requestToJson({ view, request, digest }: ReadRequest): object {
  const { request: _bytes, ...standing } = view;
  return {
    ...request,
    digest: Buffer.from(digest).toString('hex'),
    bytes: Buffer.from(view.request).toString('base64'),
    standing,
  };
}

/** A host's part in a request for programs. */
export function hostResultToJson({ report, result, late }: HostResult): object {
  return {
    host: report.host,
    kernelRelease: result?.kernelRelease || report.kernelRelease,
    arch: report.arch,
    outcome: report.outcome ?? null,
    result: result ? resultToJson(result) : null,
    lateResult: late ? resultToJson(late) : null,
  };
}

/** A known host for programs. */
export function hostToJson({ facts, kid, labels, firstSeenAtMs, lastSeenAtMs }: HostView): object {
  const { labels: ownLabels, ...said } = hostFactsCodec.decode(facts);
  return { ...said, labels, ownLabels, kid, firstSeenAtMs, lastSeenAtMs };
}

/** A line of the list of requests for programs. */
export function summaryToJson(summary: RequestSummary): object {
  return { ...summary };
}

function resultToJson({ requestDigest, ...result }: CallResult): object {
  return { ...result, requestDigest: Buffer.from(requestDigest).toString('hex') };
}
