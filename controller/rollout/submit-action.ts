import type { RolloutActionName } from '../../shared/messages/index.ts';
import { verifyAction } from '../../shared/trust/index.ts';
import type { TrustSource } from '../trust/index.ts';
import {
  type ControlDeps,
  pauseRequest,
  promoteRequest,
  resumeRequest,
  retryRequest,
} from './control-rollout.ts';

/** The stores and services that {@link submitAction} uses. */
export interface SubmitActionDeps extends ControlDeps {
  readonly trust: TrustSource;
}

/** A signed action on a rollout, as an operator submits it. */
export interface ActionSubmission {
  readonly requestId: string;
  readonly token: string;
  readonly submittedBy: string;
}

/**
 * Pauses, resumes, promotes or retries a rollout, as the token says; resolves to which of these. Throws
 * NOT_FOUND, the codes of `verifyAction`, CONFLICT if that is not possible now or the token was used before,
 * and REQUEST_EXPIRED.
 *
 * Threat: somebody with a session of another person, or the controller itself, sends the next wave in that
 * person's name. So each action takes that person's signature. The store keeps it, and the auditor verifies
 * it.
 */
export async function submitAction(
  deps: SubmitActionDeps,
  { requestId, token, submittedBy }: ActionSubmission,
): Promise<RolloutActionName> {
  const { digest } = await deps.requests.get(requestId);
  const bundle = deps.trust.current();
  const nowMs = deps.clock.nowMs();
  const { by: actor, ...verified } = await verifyAction({ token, requestDigest: digest, bundle, nowMs });
  const proof = { token, submittedBy, trustVersion: bundle.version };
  const action = { id: requestId, actor, ...verified, proof };
  switch (verified.action) {
    case 'pause':
      await pauseRequest(deps, action);
      break;
    case 'resume':
      await resumeRequest(deps, action);
      break;
    case 'promote':
      await promoteRequest(deps, action);
      break;
    case 'retry':
      await retryRequest(deps, action);
  }
  return verified.action;
}
