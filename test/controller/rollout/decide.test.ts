import { describe, expect, it } from 'vitest';
import {
  checkPause,
  checkPromote,
  decide,
  type RolloutFacts,
  resumedState,
  retryAttempt,
} from '../../../controller/rollout/index.ts';
import type { RolloutRecord, WaveRecord } from '../../../controller/store/index.ts';
import type { Rollout } from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import { gateOf, plainRollout } from '../../../shared/rollout/index.ts';

const NOW = 1_000_000;
const SPEC: Rollout = {
  waves: [
    { size: '10', bakeMs: 5000, manual: true },
    { size: '10', bakeMs: 0, manual: false },
    { size: 'rest', bakeMs: 0, manual: false },
  ],
  gate: gateOf({ maxFailedHosts: 1 }),
  answerWithinMs: 60_000,
};

const wave = (number: number, changed: Partial<WaveRecord> = {}): WaveRecord => ({
  ...{ number, state: 'pending', hosts: 10, slice: { from: 0, to: 1 }, tallies: [] },
  ...{ startedAtMs: undefined, answerByMs: undefined, bakeUntilMs: undefined, endedAtMs: undefined },
  ...changed,
});
const ended = (outcome: Outcome, hosts: number, unhealthy = 0) => ({ outcome, hosts, unhealthy });
const PASSED = { state: 'passed', tallies: [ended('returned', 10)] } as const;

const facts = (
  record: Partial<RolloutRecord>,
  waves: readonly WaveRecord[],
  changed: Partial<RolloutFacts> = {},
): RolloutFacts => ({
  record: {
    ...{
      requestId: 'r',
      requestState: 'dispatched',
      state: 'running',
      wave: 1,
      attempt: 1,
      reason: '',
      changedAtMs: 0,
    },
    ...record,
    waves,
  },
  spec: SPEC,
  expiresAtMs: NOW + 3_600_000,
  nowMs: NOW,
  ...changed,
});

describe('the next step of a rollout', () => {
  const step = (...args: Parameters<typeof facts>) => decide(facts(...args));

  it('the next step of a rollout is its first wave once it is approved, and nothing before', () => {
    const waves = [wave(1), wave(2), wave(3)];
    const waiting = { state: 'waiting', wave: 0 } as const;
    expect(step({ ...waiting, requestState: 'pending' }, waves)).toEqual({});
    expect(step({ ...waiting, requestState: 'approved' }, waves)).toEqual({
      step: { kind: 'start-wave', wave: 1 },
    });
    expect(step({ ...waiting, requestState: 'approved' }, waves, { nowMs: NOW + 3_600_000 })).toEqual({});
  });

  it('the next step of a rollout is to fail a wave on which no host could do anything, unless that was signed', () => {
    const waves = [wave(1, { state: 'running', tallies: [ended('not-applicable', 10)] }), wave(2), wave(3)];
    expect(step({}, waves).step).toMatchObject({
      ...{ kind: 'fail', wave: 1 },
      reason: 'wave 1: nothing ran on any of 10 hosts, and 10 of them lack what the program names',
    });
    const spec = { ...SPEC, gate: gateOf({ maxFailedHosts: 1, notApplicableOk: true }) };
    expect(step({}, waves, { spec }).step).toMatchObject({ kind: 'bake', wave: 1 });
    expect(step({}, waves.slice(0, 1), { spec: plainRollout(1) }).step).toMatchObject({ kind: 'evaluate' });
  });

  it('the next step of a rollout is to wait for answers, then to mark the silent hosts, then to bake, then to evaluate the gate', () => {
    const running = { state: 'running', answerByMs: NOW + 10, tallies: [ended('returned', 9)] } as const;
    const rest = [wave(2), wave(3)];
    expect(step({}, [wave(1, running), ...rest])).toEqual({ dueAtMs: NOW + 10 });
    expect(step({}, [wave(1, { ...running, answerByMs: undefined }), ...rest])).toEqual({});
    expect(step({}, [wave(1, running), ...rest], { nowMs: NOW + 10 }).step).toEqual({
      kind: 'mark-unreachable',
      wave: 1,
    });
    const answered = { ...running, tallies: [ended('returned', 9), ended('unreachable', 1)] };
    expect(step({}, [wave(1, answered), ...rest]).step).toEqual({
      kind: 'bake',
      wave: 1,
      untilMs: NOW + 5000,
    });
    const baking = { ...answered, state: 'baking', bakeUntilMs: NOW + 5000 } as const;
    expect(step({ state: 'baking' }, [wave(1, baking), ...rest])).toEqual({ dueAtMs: NOW + 5000 });
    expect(step({ state: 'baking' }, [wave(1, baking), ...rest], { nowMs: NOW + 5000 }).step).toEqual({
      kind: 'evaluate',
      wave: 1,
    });
    expect(
      step({ wave: 2 }, [wave(1, PASSED), wave(2, { ...PASSED, state: 'running' }), wave(3)]).step,
    ).toEqual({
      kind: 'evaluate',
      wave: 2,
    });
  });

  it('the next step of a rollout is to stop at once where a limit is passed, in the middle, while paused, and in a wave that had passed', () => {
    const bad = { state: 'running', tallies: [ended('faulted', 2)] } as const;
    const failed = { kind: 'fail', wave: 1, reason: 'wave 1: 2 of 10 hosts failed, and 1 may' };
    expect(step({}, [wave(1, bad), wave(2), wave(3)]).step).toEqual(failed);
    expect(step({ state: 'paused' }, [wave(1, bad), wave(2), wave(3)]).step).toEqual(failed);
    const later = wave(2, { ...PASSED, state: 'running' });
    expect(step({ wave: 2 }, [wave(1, { ...bad, state: 'passed' }), later, wave(3)]).step).toEqual(failed);
    const unwell = { ...PASSED, tallies: [ended('returned', 10, 2)] };
    expect(step({}, [wave(1, unwell), wave(2), wave(3)]).step).toEqual(failed);
    expect(step({ state: 'stopped' }, [wave(1, { ...bad, state: 'failed' }), wave(2), wave(3)])).toEqual({});
  });

  it('the next step of a rollout is the next wave only if all before it have passed and nobody paused it', () => {
    const next = [wave(1, PASSED), wave(2), wave(3)];
    expect(step({}, next).step).toEqual({ kind: 'start-wave', wave: 2 });
    expect(step({ state: 'awaiting-promotion' }, next)).toEqual({ dueAtMs: NOW + 3_600_000 });
    expect(step({ state: 'paused' }, next)).toEqual({ dueAtMs: NOW + 3_600_000 });
    expect(step({}, [wave(1, PASSED), wave(2, { hosts: 0 }), wave(3)]).step).toEqual({
      kind: 'pass-over',
      wave: 2,
    });
    const again = wave(1, { state: 'running', tallies: [ended('returned', 9)], answerByMs: NOW + 1 });
    expect(step({ wave: 2 }, [again, wave(2, PASSED), wave(3)])).toEqual({ dueAtMs: NOW + 1 });
  });

  it('the next step of a rollout is to stop if no host would start the next wave any more', () => {
    const next = [wave(1, PASSED), wave(2), wave(3)];
    const over = { nowMs: NOW + 3_600_000 };
    const stop = { kind: 'stop', wave: 1, reason: 'the life of the request ended after wave 1 of 3' };
    for (const state of ['running', 'awaiting-promotion', 'paused'] as const)
      expect(step({ state }, next, over).step).toEqual(stop);
  });

  it('the next step of a rollout is nothing once it has ended', () => {
    const all = [wave(1, PASSED), wave(2, PASSED), wave(3, PASSED)];
    for (const state of ['done', 'aborted'] as const) expect(step({ state, wave: 3 }, all)).toEqual({});
  });

  it('the next step of a rollout is to end, whatever the outcomes, if the request names no rollout', () => {
    const plain = { spec: plainRollout(1000) };
    const all = wave(1, { state: 'running', tallies: [ended('faulted', 10)] });
    expect(step({}, [all], plain).step).toEqual({ kind: 'evaluate', wave: 1 });
  });
});

describe('what people may do to a rollout', () => {
  const rest = [wave(2), wave(3)];
  const good = wave(1, { state: 'running', tallies: [ended('returned', 3)] });
  const bad = wave(1, { state: 'failed', tallies: [ended('load-error', 2)] });

  it('what people may do to a rollout is to pause it, as long as it is under way', () => {
    expect(() => checkPause(facts({}, [good, ...rest]))).not.toThrow();
    for (const state of ['paused', 'stopped', 'done', 'aborted'] as const)
      expect(() => checkPause(facts({ state }, [good, ...rest]))).toThrow('there is nothing to pause');
  });

  it('what people may do to a rollout is to resume it, into what it was, and never past a gate that fails', () => {
    const resumed = (...args: Parameters<typeof facts>) => resumedState(facts(...args));
    expect(resumed({ state: 'paused' }, [good, ...rest])).toBe('running');
    expect(resumed({ state: 'paused' }, [{ ...good, state: 'baking' }, ...rest])).toBe('baking');
    expect(resumed({ state: 'paused' }, [wave(1, PASSED), ...rest])).toBe('awaiting-promotion');
    expect(resumed({ state: 'paused', wave: 2 }, [wave(1, PASSED), wave(2, PASSED), wave(3)])).toBe(
      'running',
    );
    expect(resumed({ state: 'paused', wave: 0 }, [wave(1), ...rest])).toBe('waiting');
    expect(resumed({ state: 'stopped' }, [{ ...bad, tallies: [] }, ...rest])).toBe('running');
    expect(() => resumed({ state: 'stopped' }, [bad, ...rest])).toThrow('nobody can pass it over');
    expect(() => resumed({ state: 'running' }, [good, ...rest])).toThrow('there is nothing to resume');
    expect(() => resumed({ state: 'paused' }, [good, ...rest], { nowMs: NOW + 3_600_000 })).toThrow(
      'is over',
    );
  });

  it('what people may do to a rollout is to promote it, if a wave waits for that', () => {
    expect(() =>
      checkPromote(facts({ state: 'awaiting-promotion' }, [wave(1, PASSED), ...rest])),
    ).not.toThrow();
    expect(() => checkPromote(facts({ state: 'baking' }, [good, ...rest]))).toThrow(
      'no wave waits for promotion',
    );
  });

  it('what people may do to a rollout is to retry it, for hosts on which nothing ran', () => {
    const retry = (only: Outcome[], ...args: Parameters<typeof facts>) => retryAttempt(facts(...args), only);
    expect(retry(['load-error'], { state: 'stopped', attempt: 3 }, [bad, ...rest])).toBe(4);
    expect(() => retry(['faulted', 'load-error'], {}, [bad, ...rest])).toThrow(
      'a host that ended as faulted may have run the call, which happens once',
    );
    expect(() => retry(['skipped'], {}, [bad, ...rest])).toThrow('may have run');
    expect(() => retry(['unreachable'], {}, [bad, ...rest])).toThrow(
      'no host of request r ended as unreachable',
    );
    expect(() => retry(['load-error'], { state: 'paused' }, [bad, ...rest])).toThrow(
      'nothing is tried again in it',
    );
    expect(() => retry(['load-error'], { attempt: 1000 }, [bad, ...rest])).toThrow('that is the limit');
    expect(() => retry(['load-error'], {}, [bad, ...rest], { nowMs: NOW + 3_600_000 })).toThrow(
      'ask for it again',
    );
  });
});
