import type { Logger } from 'pino';
import type { Clock } from '../../shared/clock/index.ts';
import type { Counters } from '../../shared/counters/index.ts';
import { type CallHealth, type CallTimings, resultEnvelopeCodec } from '../../shared/messages/index.ts';
import { sha256 } from '../../shared/tokens/index.ts';
import { agentVersion } from '../../shared/version/index.ts';
import type { HostIdentity } from '../identity/index.ts';
import type { Journal, OutcomeRecord } from '../journal/index.ts';
import type { KernelStages } from '../kernel-stages/index.ts';
import type { HostPolicy } from '../policy/index.ts';
import type { ModuleSigner } from '../signing/index.ts';
import type { TrustKeeper } from '../trust/index.ts';
import type { AttemptKey, HostTrust } from '../verify/index.ts';
import { type CallEnd, encodeResult } from './call-result.ts';

/** What an order meets on this host. */
export interface OrderContext {
  readonly trust: Pick<TrustKeeper, 'now'>;
  readonly policy: HostPolicy;
  readonly identity: HostIdentity;
  readonly journal: Journal;
  readonly stages: KernelStages;
  readonly signer: ModuleSigner;
  readonly kernelRelease: string;
  /** How many orders without enough approvals the journal may remember; further ones are not answered. */
  readonly unapprovedLimit: number;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly log: Logger;
  /** Told whenever the journal has a result to send. */
  resultReady(): void;
}

/** The attempt that has ended. */
export interface EndedAttempt {
  readonly key: AttemptKey;
  /** What people call the request; undefined where the journal does not say. */
  readonly requestId: string | undefined;
  readonly orderId: string;
  readonly expiresAtMs: number;
  readonly timings: CallTimings;
  readonly kernelRelease: string;
  readonly moduleDigest?: string | undefined;
  /** What the kernel was like around the call; undefined where there was none. */
  readonly health?: CallHealth | undefined;
  /** Whether its intent is on the disk. */
  readonly begun: boolean;
  /** Whether it was refused before enough approvals were found. */
  readonly unapproved?: boolean;
}

/** What this host trusts, at this moment. Throws TRUST_MISSING where it has no trust bundle yet. */
export function trustNow({
  trust,
  identity,
  stages,
  clock,
}: Pick<OrderContext, 'trust' | 'identity' | 'stages' | 'clock'>): HostTrust {
  const { host, labels, joinedAtMs } = identity;
  const facts = () => ({ ...stages.facts(), agentVersion: agentVersion() });
  return { ...trust.now(), host, labels, facts, joinedAtMs, nowMs: clock.nowMs() };
}

/** The one way in which an attempt ends: its result is made, signed, written to the journal, and then sent. */
export async function conclude(end: CallEnd, attempt: EndedAttempt, agent: OrderContext): Promise<void> {
  const nowMs = agent.clock.nowMs();
  const { key, requestId, orderId, expiresAtMs, timings, kernelRelease, moduleDigest, health } = attempt;
  const { host } = agent.identity;
  const context = { host, key, orderId, timings, finishedAtMs: nowMs, kernelRelease, moduleDigest, health };
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
 * Puts the outcome on the disk. Where that fails the result of a call that was begun is kept in memory and sent all the
 * same: after a restart the journal would say `unknown`, and what is known now is worth more.
 */
function write(record: OutcomeRecord, begun: boolean, { journal, log }: OrderContext): void {
  try {
    journal.record(record);
  } catch (error) {
    log.error(
      { request: record.requestId, err: error, outcome: record.outcome, begun },
      'an outcome could not be written to the journal',
    );
    if (begun) journal.keepUnwritten(record);
  }
}
