import { type CallHealth, type CallTimings, resultEnvelopeCodec } from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import type { OrderContext } from '../context/index.ts';
import type { OutcomeRecord } from '../journal/index.ts';
import type { AttemptKey } from '../verify/index.ts';
import { type CallEnd, encodeResult } from './call-result.ts';

/** The attempt that has ended. */
export interface EndedAttempt {
  readonly key: AttemptKey;
  /** The request's id; undefined if the journal does not have it. */
  readonly requestId: string | undefined;
  readonly orderId: string;
  readonly expiresAtMs: number;
  readonly timings: CallTimings;
  readonly kernelRelease: string;
  readonly moduleDigest?: string | undefined;
  /** The kernel before and after the call; undefined if there was no call. */
  readonly health?: CallHealth | undefined;
  /** Whether its intent is on the disk. */
  readonly begun: boolean;
  /** Whether it was refused before enough approvals were found. */
  readonly unapproved?: boolean;
}

/**
 * The only way in which an attempt ends: its result is made, signed, written to the journal, and then sent.
 */
export async function recordOutcome(end: CallEnd, attempt: EndedAttempt, agent: OrderContext): Promise<void> {
  const nowMs = agent.clock.nowMs();
  const { key, requestId, orderId, expiresAtMs, timings, kernelRelease, moduleDigest, health } = attempt;
  const { host } = agent.identity;
  const journal = agent.journalPosition();
  const context = {
    host,
    journal,
    key,
    orderId,
    timings,
    finishedAtMs: nowMs,
    kernelRelease,
    moduleDigest,
    health,
  };
  const result = encodeResult(end, context);
  const signature = await agent.identity.sign('result', result, nowMs);
  const envelope = resultEnvelopeCodec.encode({ result, signature });
  const { outcome } = end;
  const { begun, unapproved = false } = attempt;
  const resultDigest = sha256(result);
  write({ key, requestId, expiresAtMs, outcome, unapproved, resultDigest, envelope }, begun, agent);
  agent.counters.count(`outcome.${outcome}`);
  agent.log.info(
    { request: requestId, order: orderId, attempt: key.attempt, outcome, code: end.error?.code, timings },
    'an order has ended',
  );
  agent.resultReady();
}

/**
 * Puts the outcome on the disk. If that fails, the result of a call that was begun is kept in memory and sent
 * nevertheless: after a restart the journal would say `unknown`, and what is known now is worth more.
 */
function write(record: OutcomeRecord, begun: boolean, { journal, log }: OrderContext): void {
  try {
    journal.record(record);
  } catch (error) {
    log.error(
      { request: record.requestId, err: error, outcome: record.outcome, begun },
      'the agent cannot write an outcome to the journal',
    );
    if (begun) journal.keepUnwritten(record);
  }
}
