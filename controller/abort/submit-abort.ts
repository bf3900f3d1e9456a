import type { Clock } from '../../shared/clock/index.ts';
import { abortEnvelopeCodec } from '../../shared/messages/index.ts';
import { verifyAbort } from '../../shared/trust/index.ts';
import type { AbortStore, RequestStore } from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The stores and services that {@link submitAbort} uses. */
export interface SubmitAbortDeps {
  readonly requests: Pick<RequestStore, 'get'>;
  readonly aborts: Pick<AbortStore, 'add'>;
  readonly trust: TrustSource;
  readonly clock: Clock;
}

/** An abort, as an operator submits it. */
export interface AbortSubmission {
  readonly requestId: string;
  readonly token: string;
  readonly submittedBy: string;
}

/**
 * Stores an abort, to be published to all hosts. It is stored with the request's bytes, because hosts verify
 * all of it again. Throws NOT_FOUND, the errors of `verifyAbort`, and CONFLICT if the request is over.
 */
export async function submitAbort(deps: SubmitAbortDeps, submission: AbortSubmission): Promise<void> {
  const { requestId, token, submittedBy } = submission;
  const record = await deps.requests.get(requestId);
  const bundle = deps.trust.lasting();
  const { by, reason } = await verifyAbort({
    token,
    requestBytes: record.bytes,
    request: record.request,
    bundle,
    nowMs: deps.clock.nowMs(),
  });
  const envelope = abortEnvelopeCodec.encode({ request: record.bytes, abort: token });
  const trustVersion = bundle.version;
  const endsDenies = record.request.effect === 'deny';
  await deps.aborts.add({ requestId, by, reason, envelope, submittedBy, trustVersion, endsDenies });
}
