import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { verifyLabelsStatement } from '../../shared/host-labels/index.ts';
import type { LabelsStatement } from '../../shared/messages/index.ts';
import { checkFresh } from '../../shared/trust/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { HostTrustStore } from '../trust/index.ts';

/** Who this host is, and whom it believes. */
export interface TakeLabelsDeps {
  readonly identity: HostIdentity;
  readonly trust: Pick<HostTrustStore, 'now'>;
  readonly clock: Clock;
  readonly counters: CounterSet;
  readonly log: Logger;
}

/**
 * Takes the labels that people signed for this host, in the order of `statements`; true if it has others now.
 * A statement that does not count is counted and logged, and changes nothing. Never throws.
 *
 * Threat: anybody who reaches the subject, or a controller that was taken over, gives this host labels by
 * which it gets the calls of others, or by which other people may approve for it. So this host itself
 * verifies who signed, by its own trust bundle and the scopes in it, and that the change is newer than the
 * one that it took last. An expired bundle gives no rights here either.
 */
export async function takeLabels(
  deps: TakeLabelsDeps,
  statements: readonly LabelsStatement[],
): Promise<boolean> {
  let changed = false;
  for (const statement of statements) changed = (await takeOne(deps, statement)) || changed;
  return changed;
}

async function takeOne(
  { identity, trust, clock, counters, log }: TakeLabelsDeps,
  statement: LabelsStatement,
): Promise<boolean> {
  const { host, key, heldLabels } = identity;
  try {
    const { bundle, bundleIsOver } = trust.now();
    const nowMs = clock.nowMs();
    checkFresh(bundle, bundleIsOver ? Math.max(nowMs, bundle.expiresAtMs) : nowMs);
    const { labels, number } = heldLabels;
    const taken = await verifyLabelsStatement(statement, {
      ...{ host, kid: key.kid, labels, number, bundle, nowMs },
    });
    // Another statement may have been taken while this one was verified.
    if (heldLabels.number !== number)
      return await takeOne({ identity, trust, clock, counters, log }, statement);
    heldLabels.keep(taken);
    counters.count('labels.taken');
    log.info({ ...taken, before: labels }, 'the agent took new labels');
    return true;
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    if (counters.countAndSample(`labels.refused.${code}`))
      log.warn({ code, reason: message }, 'the agent refused new labels');
    return false;
  }
}
