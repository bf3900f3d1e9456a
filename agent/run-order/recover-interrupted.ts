import { FarcallError } from '../../shared/errors/index.ts';
import type { OrderContext } from '../context/index.ts';
import { endOfError } from './call-result.ts';
import { recordOutcome } from './record-outcome.ts';

const NO_TIMINGS = { verifyUs: 0, compileUs: 0, spawnUs: 0, loadUs: 0, totalUs: 0 };

/**
 * Records an outcome for every call during which the agent or the host stopped. To be called before any new
 * order. Such a call may have run or not, and nobody can find out; so its outcome is `unknown`, and it never
 * runs again.
 */
export async function recoverInterrupted(agent: OrderContext): Promise<void> {
  for (const intent of agent.journal.interrupted()) {
    const { requestId, orderId, expiresAtMs, kernelRelease, moduleDigest, attempt, startedAtMs } = intent;
    const since = new Date(startedAtMs).toISOString();
    agent.log.warn(
      { request: requestId, order: orderId, attempt, since },
      'a call was interrupted: the agent or the host stopped',
    );
    const error = new FarcallError(
      'OUTCOME_UNKNOWN',
      `the agent or the host stopped after the call had begun at ${since}; it may or may not have happened`,
    );
    const key = { requestDigest: Buffer.from(intent.request, 'base64url'), attempt };
    const ended = {
      key,
      requestId,
      orderId,
      expiresAtMs,
      timings: NO_TIMINGS,
      kernelRelease,
      moduleDigest,
      begun: true,
    };
    await recordOutcome(endOfError('unknown', error), ended, agent);
  }
}
