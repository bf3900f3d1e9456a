import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import type { Outcome } from '../../shared/outcome/index.ts';
import { rolloutOf } from '../../shared/rollout/index.ts';
import { makeOrder, type OrderDeps } from '../dispatch/index.ts';
import type {
  NewAttempt,
  NewOrder,
  OperatorAction,
  RequestRecord,
  RequestStore,
  RolloutRecord,
  RolloutStore,
} from '../store/index.ts';
import { checkMeant, checkPause, checkPromote, resumption, retriedHosts, retryAttempt } from './actions.ts';
import { type RolloutFacts, startedWaves } from './facts.ts';

/** The stores and services that actions on rollouts use. */
export interface ControlDeps extends OrderDeps {
  readonly clock: Clock;
  readonly requests: Pick<RequestStore, 'get' | 'expectedLabels'>;
  readonly rollouts: Pick<RolloutStore, 'find' | 'pause' | 'resume' | 'promote' | 'retry'>;
}

/** A person's action on a rollout, verified. */
export interface RolloutAction extends OperatorAction {
  readonly id: string;
  /** The wave that the person means; 0 in a pause for whichever runs. */
  readonly wave: number;
}

/**
 * Pauses a rollout: no orders are handed out, not even to hosts that come back. Throws NOT_FOUND, CONFLICT.
 */
export async function pauseRequest(deps: ControlDeps, action: RolloutAction): Promise<void> {
  const factsOf = await factsReader(deps, action.id);
  await deps.rollouts.pause({
    ...actionOf(action),
    decide(record, nowMs) {
      const facts = factsOf(record, nowMs);
      checkMeant(facts, action);
      checkPause(facts);
    },
  });
}

/**
 * Resumes a rollout that was paused, or whose gate failed earlier and does not fail now. Throws NOT_FOUND,
 * CONFLICT, REQUEST_EXPIRED.
 */
export async function resumeRequest(deps: ControlDeps, action: RolloutAction): Promise<void> {
  const factsOf = await factsReader(deps, action.id);
  await deps.rollouts.resume({
    ...actionOf(action),
    decide(record, nowMs) {
      const facts = factsOf(record, nowMs);
      checkMeant(facts, action);
      return resumption(facts);
    },
  });
}

/** Starts the next wave of a rollout that waits for promotion. Throws NOT_FOUND, CONFLICT. */
export async function promoteRequest(deps: ControlDeps, action: RolloutAction): Promise<void> {
  const factsOf = await factsReader(deps, action.id);
  await deps.rollouts.promote({
    ...actionOf(action),
    decide(record, nowMs) {
      const facts = factsOf(record, nowMs);
      checkMeant(facts, action);
      checkPromote(facts);
    },
  });
}

/** An operator's retry, for hosts that ended in one of the outcomes in `only`. */
export interface RetryAction extends RolloutAction {
  readonly only: readonly Outcome[];
}

/** How often the orders of a retry are signed again because hosts answered meanwhile. */
const TRIES = 5;

/**
 * Starts a new attempt for the hosts of started waves that ended in one of these outcomes. Each host runs the
 * call only if its own journal shows that nothing ran. Throws NOT_FOUND, CONFLICT, REQUEST_EXPIRED.
 */
export async function retryRequest(deps: ControlDeps, action: RetryAction): Promise<void> {
  const request = await deps.requests.get(action.id);
  const factsOf = await factsReader(deps, action.id);
  const only = [...new Set(action.only)].sort();
  for (let tries = 0; tries < TRIES; tries++) {
    const facts = factsOf(await deps.rollouts.find(action.id), deps.clock.nowMs());
    const orders = await signRetry(deps, request, { facts, only });
    const taken = await deps.rollouts.retry({
      ...actionOf(action),
      decide(record, nowMs) {
        const now = factsOf(record, nowMs);
        checkMeant(now, action);
        return newAttempt(now, { only, orders });
      },
    });
    if (taken) return;
  }
  throw new FarcallError('CONFLICT', `request ${action.id} changes too fast; pause it first, or try again`);
}

interface Retrying {
  readonly facts: RolloutFacts;
  readonly only: readonly Outcome[];
}

/** Signs one order for each wave that has such hosts. There may be none; the transaction refuses that. */
async function signRetry(
  deps: ControlDeps,
  request: RequestRecord,
  { facts, only }: Retrying,
): Promise<readonly NewOrder[]> {
  const orders: NewOrder[] = [];
  const attempt = facts.record.attempt + 1;
  for (const { number: wave, slice } of retriedWaves(facts, only))
    orders.push(await makeOrder(deps, request, { wave, slice, attempt, only }));
  return orders;
}

function retriedWaves(facts: RolloutFacts, only: readonly Outcome[]) {
  return startedWaves(facts).filter(wave => retriedHosts(wave, only) > 0);
}

/** The attempt that the store writes; undefined if the orders do not fit the rollout as it is now. */
function newAttempt(
  facts: RolloutFacts,
  { only, orders }: { readonly only: readonly Outcome[]; readonly orders: readonly NewOrder[] },
): NewAttempt | undefined {
  const attempt = retryAttempt(facts, only);
  const waves = retriedWaves(facts, only);
  const numbers = waves.map(({ number }) => number);
  if (numbers.join() !== orders.map(({ wave }) => wave).join()) return undefined;
  if (orders.some(order => order.attempt !== attempt)) return undefined;
  const hosts = waves.reduce((sum, wave) => sum + retriedHosts(wave, only), 0);
  const state = facts.record.state === 'stopped' ? 'stopped' : 'running';
  return { attempt, only, orders, hosts, state };
}

function actionOf({ id, actor, reason, action, proof }: RolloutAction) {
  return { requestId: id, actor, reason, action, proof };
}

async function factsReader(
  deps: ControlDeps,
  id: string,
): Promise<(record: RolloutRecord, nowMs: number) => RolloutFacts> {
  const { request, expiresAtMs } = await deps.requests.get(id);
  const spec = rolloutOf(request);
  return (record, nowMs) => ({ record, spec, expiresAtMs, nowMs });
}
