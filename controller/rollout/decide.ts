import type { WaveRecord } from '../store/index.ts';
import { gateProblem, openHosts, type RolloutFacts, startedWaves } from './facts.ts';

/** The next step of a rollout. Each step is one transaction. */
export type RolloutStep =
  /** Order the wave. */
  | { readonly kind: 'start-wave'; readonly wave: number }
  /** A wave without hosts, or all of whose hosts have their outcomes: it has passed. */
  | { readonly kind: 'pass-over'; readonly wave: number }
  /** The time to answer is over: hosts of the wave without an outcome are `unreachable`. */
  | { readonly kind: 'mark-unreachable'; readonly wave: number }
  /** Every host of the wave has an outcome: wait, and watch them. */
  | { readonly kind: 'bake'; readonly wave: number; readonly untilMs: number }
  /** Ask for the health of the wave's hosts, and evaluate the gate. */
  | { readonly kind: 'evaluate'; readonly wave: number }
  /** The gate failed in the middle of the wave. */
  | { readonly kind: 'fail'; readonly wave: number; readonly reason: string }
  /** The life of the request is over; the next wave does not start. */
  | { readonly kind: 'stop'; readonly wave: number; readonly reason: string };

/** The step to take now, if there is one; and the time at which to ask again if nothing happens before. */
export interface NextStep {
  readonly step?: RolloutStep;
  readonly dueAtMs?: number;
}

/**
 * Decides what a rollout needs next. Pure: the same facts give the same step, and once that step is taken the
 * facts ask for another one. So it does not matter which controller drives, how often it asks, or where it
 * died.
 *
 * The order of the questions is what makes a rollout safe. First: does any wave pass a limit, even one that
 * passed its gate long ago? Last: may another wave start? It may if every wave before it has passed.
 */
export function decide(facts: RolloutFacts): NextStep {
  const { state, requestState } = facts.record;
  if (state === 'aborted' || state === 'done') return {};
  if (state === 'waiting' && (requestState !== 'approved' || facts.expiresAtMs <= facts.nowMs)) return {};
  if (state !== 'stopped') {
    const failed = failedGate(facts);
    if (failed) return { step: failed };
  }
  if (state === 'paused' || state === 'awaiting-promotion') return halted(facts);
  const silent = silentWave(facts);
  if (silent) return { step: { kind: 'mark-unreachable', wave: silent.number } };
  const dueAtMs = earliest(startedWaves(facts).map(wave => dueOf(facts, wave)));
  if (state === 'stopped') return due(dueAtMs);
  const step = waveStep(facts) ?? nextWave(facts);
  return step ? { step } : due(dueAtMs);
}

/** A wave whose failures pass a limit. */
function failedGate(facts: RolloutFacts): RolloutStep | undefined {
  for (const wave of startedWaves(facts)) {
    const reason = gateProblem(facts, wave);
    if (reason !== undefined) return { kind: 'fail', wave: wave.number, reason };
  }
  return undefined;
}

/** While an operator has to decide, nothing is done; but the life of the request can end. */
function halted(facts: RolloutFacts): NextStep {
  const { record, expiresAtMs } = facts;
  return expiresAtMs > facts.nowMs ? { dueAtMs: expiresAtMs } : { step: lifeOver(facts, record.wave) };
}

/** A wave whose time to answer is over while hosts of it are silent. */
function silentWave(facts: RolloutFacts): WaveRecord | undefined {
  return startedWaves(facts).find(
    wave => awaitsAnswers(wave) && openHosts(wave) > 0 && (wave.answerByMs ?? Infinity) <= facts.nowMs,
  );
}

/** In a wave that has passed, no host is late: a late joiner answers when it can. */
function awaitsAnswers({ state }: WaveRecord): boolean {
  return state === 'running' || state === 'failed';
}

function waveStep(facts: RolloutFacts): RolloutStep | undefined {
  const { spec, nowMs } = facts;
  for (const wave of startedWaves(facts)) {
    const { number, state, bakeUntilMs } = wave;
    const bakeMs = spec.waves[number - 1]?.bakeMs ?? 0;
    if (state === 'running' && openHosts(wave) === 0)
      return bakeMs > 0
        ? { kind: 'bake', wave: number, untilMs: nowMs + bakeMs }
        : { kind: 'evaluate', wave: number };
    if (state === 'baking' && (bakeUntilMs ?? 0) <= nowMs) return { kind: 'evaluate', wave: number };
  }
  return undefined;
}

/** The next wave, once every one before it has passed. */
function nextWave(facts: RolloutFacts): RolloutStep | undefined {
  const { record, expiresAtMs, nowMs } = facts;
  if (startedWaves(facts).some(({ state }) => state !== 'passed')) return undefined;
  const next = record.waves.find(({ state }) => state === 'pending');
  if (!next) return undefined;
  if (expiresAtMs <= nowMs) return lifeOver(facts, record.wave);
  return { kind: openHosts(next) > 0 ? 'start-wave' : 'pass-over', wave: next.number };
}

function lifeOver({ record }: RolloutFacts, wave: number): RolloutStep {
  const reason = `the life of the request ended after wave ${wave} of ${record.waves.length}`;
  return { kind: 'stop', wave, reason };
}

/** The time at which something changes about a wave without any event; undefined if there is none. */
function dueOf({ record }: RolloutFacts, wave: WaveRecord): number | undefined {
  if (awaitsAnswers(wave) && openHosts(wave) > 0) return wave.answerByMs;
  return wave.state === 'baking' && record.state !== 'stopped' ? wave.bakeUntilMs : undefined;
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter(time => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function due(dueAtMs: number | undefined): NextStep {
  return dueAtMs === undefined ? {} : { dueAtMs };
}
