import type { Clock } from '../../shared/clock/index.ts';
import { callRequestCodec, type Rollout } from '../../shared/messages/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { makeOrder, type OrderDeps } from '../dispatch/index.ts';
import type { HealthSource } from '../health/index.ts';
import type { Logger } from '../log/index.ts';
import type {
  Change,
  RequestRecord,
  RequestStore,
  RolloutRecord,
  RolloutStep,
  RolloutStore,
  StepInputs,
} from '../store/index.ts';
import { decide, type NextStep } from './decide.ts';

/** The stores and services that {@link driveRollout} uses. */
export interface DriveDeps extends OrderDeps {
  readonly requests: Pick<RequestStore, 'find'>;
  readonly rollouts: Pick<RolloutStore, 'find' | 'take'>;
  readonly health: HealthSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Is called after each order that was stored, to be published. */
  readonly ordered: () => void;
}

/** Part of each transaction of a driver: throws LEASE_LOST where somebody else drives by now. */
export type Fence = (change: Change) => Promise<void>;

/**
 * Takes one step after the other, each in a transaction of its own, until the rollout waits for something;
 * returns when time alone will change that, if it will. It may die between any two of them, be called twice
 * at once, or by two controllers: what is to be done is decided again inside of each transaction.
 */
export async function driveRollout(
  deps: DriveDeps,
  requestId: string,
  fence: Fence,
): Promise<number | undefined> {
  const request = await deps.requests.find(requestId);
  if (!request) return undefined;
  const spec = rolloutOf(callRequestCodec.decode(request.bytes));
  const asked = (record: RolloutRecord, nowMs: number): NextStep =>
    decide({ record, spec, expiresAtMs: request.expiresAtMs, nowMs });
  for (;;) {
    const record = await deps.rollouts.find(requestId);
    const { step, dueAtMs } = asked(record, deps.clock.nowMs());
    if (!step) return dueAtMs;
    const inputs = await inputsOf(deps, { request, record, spec, step });
    const taken = await deps.rollouts.take({
      ...{ requestId, step, fence, ...inputs },
      decide: (now, nowMs) => asked(now, nowMs).step,
    });
    if (!taken) continue;
    logStep(deps.log, requestId, step);
    if (step.kind === 'start-wave') deps.ordered();
  }
}

interface Stepping {
  readonly request: RequestRecord;
  readonly record: RolloutRecord;
  readonly spec: Rollout;
  readonly step: RolloutStep;
}

/**
 * What a step needs that is not in the store: signatures are made, and health is asked for, outside of
 * transactions.
 */
async function inputsOf(deps: DriveDeps, { request, record, spec, step }: Stepping): Promise<StepInputs> {
  if (step.kind === 'start-wave') {
    const slice = record.waves[step.wave - 1]!.slice;
    return { spec, order: await makeOrder(deps, request, { wave: step.wave, slice, attempt: 1 }) };
  }
  if (step.kind === 'evaluate' && spec.gate.health)
    return { spec, unwell: await deps.health.unhealthyOf(request.id, step.wave) };
  return { spec };
}

function logStep(log: Logger, request: string, step: RolloutStep): void {
  const level = step.kind === 'fail' || step.kind === 'stop' ? 'warn' : 'info';
  log[level]({ request, ...step, kind: undefined, step: step.kind }, 'rollout went on');
}
