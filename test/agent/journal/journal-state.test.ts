import { describe, expect, test } from 'vitest';
import type { JournalEntryOf } from '../../../agent/journal/index.ts';
import { JournalState, type ResultLocation } from '../../../agent/journal/journal-state.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';

const REQUEST = 'A'.repeat(43);
const OTHER = 'B'.repeat(43);
const IN_FILE: ResultLocation = { kind: 'file', spoolOffset: 7, length: 9 };

function intent(attempt = 1, changes: Partial<JournalEntryOf<'intent'>> = {}): JournalEntryOf<'intent'> {
  const times = { expiresAtMs: 5000, startedAtMs: 1000, seenMs: 900 };
  const entry = {
    kind: 'intent',
    request: REQUEST,
    attempt,
    orderId: 'order',
    kernelRelease: '6.1',
  } as const;
  return { ...entry, ...times, ...changes };
}

function outcome(of: Outcome, attempt = 1, resultDigest = `${of}${attempt}`): JournalEntryOf<'outcome'> {
  return { kind: 'outcome', request: REQUEST, attempt, expiresAtMs: 5000, outcome: of, resultDigest };
}

function stateOf(...entries: Parameters<JournalState['apply']>[0][]): JournalState {
  const state = new JournalState();
  for (const entry of entries) state.apply(entry, IN_FILE);
  return state;
}

describe('what entries of a journal add up to', () => {
  test('an attempt is known by its request and its number', () => {
    const state = stateOf(intent(2));
    expect(state.attempt(REQUEST, 2)).toMatchObject({ expiresAtMs: 5000, intent: { orderId: 'order' } });
    expect(state.attempt(REQUEST, 1)).toBeUndefined();
    expect(state.attempt(OTHER, 2)).toBeUndefined();
    expect(state.request(OTHER)).toBeUndefined();
    expect(state.attempts()).toHaveLength(1);
  });

  test('the newest attempt is the one with the highest number, in whatever order they came', () => {
    const outcomes = [1, 3, 2].map(attempt => outcome('refused', attempt));
    for (const order of [outcomes, outcomes.toReversed()])
      expect(stateOf(...order).request(REQUEST)).toMatchObject({ mayHaveRun: false, newest: { attempt: 3 } });
  });

  test('an attempt that was begun may have run, until an outcome says otherwise', () => {
    expect(stateOf(intent()).request(REQUEST)?.mayHaveRun).toBe(true);
    expect(stateOf(intent(), outcome('load-error')).request(REQUEST)?.mayHaveRun).toBe(false);
    expect(stateOf(intent(), outcome('load-error'), outcome('returned')).request(REQUEST)?.mayHaveRun).toBe(
      true,
    );
    expect(stateOf(outcome('refused', 1), outcome('returned', 2)).request(REQUEST)?.mayHaveRun).toBe(true);
  });

  test('an attempt does not count as one that ran before itself', () => {
    const state = stateOf(outcome('returned', 2), outcome('refused', 1));
    expect(state.ranBefore(REQUEST, 2)).toBeUndefined();
    expect(state.ranBefore(REQUEST, 3)).toMatchObject({ attempt: 2 });
    expect(state.ranBefore(OTHER, 3)).toBeUndefined();
  });

  test('a result stays where it is when the controller has it, and is one outcome', () => {
    const { kind: _kind, ...same } = outcome('returned');
    const state = stateOf(outcome('returned'));
    expect(state.outcome('returned1')).toMatchObject({ committed: false, location: IN_FILE });
    state.apply({ kind: 'committed', ...same });
    expect(state.outcome('returned1')).toMatchObject({ committed: true, location: IN_FILE });
    const moved: ResultLocation = { kind: 'file', spoolOffset: 70, length: 9 };
    state.apply(outcome('returned'), moved);
    expect(state.outcome('returned1')).toMatchObject({ committed: true, location: moved });
    expect([...state.outcomes()]).toHaveLength(1);
    expect(state.attempt(REQUEST, 1)?.outcomes).toHaveLength(1);
    expect(state.outcome('returned1')?.entry.kind).toBe('outcome');
  });

  test('a committed result of which nothing else is known is dropped', () => {
    const { kind: _kind, ...same } = outcome('returned');
    const state = new JournalState();
    state.apply({ kind: 'committed', ...same });
    expect(state.outcome('returned1')).toMatchObject({ committed: true, location: { kind: 'dropped' } });
  });

  test('an attempt that is forgotten takes its outcomes along, and no others', () => {
    const state = stateOf(outcome('refused', 1), outcome('refused', 2), {
      ...outcome('returned'),
      request: OTHER,
    });
    state.forget(state.attempt(REQUEST, 1)!);
    expect(state.outcome('refused1')).toBeUndefined();
    expect(state.attempt(REQUEST, 1)).toBeUndefined();
    expect(state.request(REQUEST)).toMatchObject({ newest: { attempt: 2 } });
    state.forget(state.attempt(REQUEST, 2)!);
    expect(state.request(REQUEST)).toBeUndefined();
    expect(state.attempts()).toMatchObject([{ request: OTHER }]);
    expect(state.outcome('returned1')).toBeDefined();
    state.forget({ request: REQUEST, attempt: 9, expiresAtMs: 0, intent: undefined, outcomes: [] });
  });

  test('an abort is known until it is forgotten, and is no attempt', () => {
    const abort = { kind: 'abort', request: REQUEST, expiresAtMs: 5000, by: 'bob', reason: 'no' } as const;
    const state = stateOf(abort);
    expect(state.abort(REQUEST)).toEqual(abort);
    expect(state.abort(OTHER)).toBeUndefined();
    expect(state.aborts()).toEqual([abort]);
    expect(state.attempts()).toEqual([]);
    state.forgetAbort(REQUEST);
    expect(state.aborts()).toEqual([]);
  });

  test('times of a journal only go forward, each by itself', () => {
    const position = { kind: 'position', sequence: 0, head: REQUEST } as const;
    const state = stateOf({ ...position, seenMs: 10, forgottenMs: 20, restartedMs: 30 });
    expect(state.watermarks).toEqual({ seenMs: 10, forgottenMs: 20, restartedMs: 30 });
    state.apply({ ...position, seenMs: 5, forgottenMs: 25, restartedMs: 5 });
    expect(state.watermarks).toEqual({ seenMs: 10, forgottenMs: 25, restartedMs: 30 });
    state.apply({ kind: 'restart', restartedMs: 31 });
    state.apply({ kind: 'incarnation', incarnation: 'A'.repeat(22), seenMs: 11 });
    state.apply(intent(1, { seenMs: 12 }));
    expect(state.watermarks).toEqual({ seenMs: 12, forgottenMs: 25, restartedMs: 31 });
    expect(state.attempts()).toHaveLength(1);
    state.apply(outcome('refused'));
    expect(state.watermarks.seenMs).toBe(12);
  });
});
