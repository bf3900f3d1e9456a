import type { Clock } from '../../shared/clock/index.ts';
import type { Rollout } from '../../shared/messages/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { makeOrder, type OrderDeps } from '../dispatch/index.ts';
import type { HealthSource } from '../health/index.ts';
import type { Logger } from '../log/index.ts';
import type {
  Change,
  RequestRecord,
  RequestStore,
  RolloutRecord,
  RolloutStore,
  StepInputs,
} from '../store/index.ts';
import { decide, type RolloutStep } from './decide.ts';
import type { RolloutFacts } from './facts.ts';
import { writeOf } from './write-step.ts';

/** The stores and services that {@link driveRollout} uses. */
export interface DriveDeps extends OrderDeps {
  readonly requests: Pick<RequestStore, 'find' | 'expectedLabels'>;
  readonly rollouts: Pick<RolloutStore, 'find' | 'take'>;
  readonly health: HealthSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Is called after each order that was stored, so that it is published. */
  readonly ordered: () => void;
}

/** Part of each transaction of a driver: throws LEASE_LOST if another controller drives by now. */
export type Fence = (change: Change) => Promise<void>;

/**
 * Takes one step after the other, each in a transaction of its own, until the rollout waits for something.
 * Resolves to the time at which time alone changes that; undefined if time never does.
 *
 * A driver may die between any two steps, run twice at once, or run at two controllers: each transaction
 * decides again what to do, and writes nothing if that is another step by then.
 */
export async function driveRollout(
  deps: DriveDeps,
  requestId: string,
  fence: Fence,
): Promise<number | undefined> {
  const request = await deps.requests.find(requestId);
  if (!request) return undefined;
  const { expiresAtMs } = request;
  const spec = rolloutOf(request.request);
  const factsOf = (record: RolloutRecord, nowMs: number): RolloutFacts => ({
    ...{ record, spec, expiresAtMs, nowMs },
  });
  for (;;) {
    const record = await deps.rollouts.find(requestId);
    const { step, dueAtMs } = decide(factsOf(record, deps.clock.nowMs()));
    if (!step) return dueAtMs;
    const inputs = await inputsOf(deps, { request, record, spec, step });
    const taken = await deps.rollouts.take({
      ...{ requestId, step, fence, ...inputs },
      decide(now, nowMs) {
        const facts = factsOf(now, nowMs);
        const next = decide(facts).step;
        return next && writeOf(facts, next);
      },
    });
    if (!taken) continue;
    logStep(deps.log, requestId, step);
    if (step.kind === 'start-wave') deps.ordered();
  }
}

interface DecidedStep {
  readonly request: RequestRecord;
  readonly record: RolloutRecord;
  readonly spec: Rollout;
  readonly step: RolloutStep;
}

/** Prepares what must not happen within a transaction: signing an order, asking for the health of hosts. */
async function inputsOf(deps: DriveDeps, { request, record, spec, step }: DecidedStep): Promise<StepInputs> {
  if (step.kind === 'start-wave') {
    const slice = record.waves[step.wave - 1]!.slice;
    return { order: await makeOrder(deps, request, { wave: step.wave, slice, attempt: 1 }) };
  }
  if (step.kind === 'evaluate' && spec.gate.health)
    return { unhealthy: await deps.health.unhealthyOf(request.id, step.wave) };
  return {};
}

function logStep(log: Logger, request: string, step: RolloutStep): void {
  const level = step.kind === 'fail' || step.kind === 'stop' ? 'warn' : 'info';
  log[level]({ request, ...step, kind: undefined, step: step.kind }, 'rollout went on');
}
