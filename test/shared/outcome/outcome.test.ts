import { describe, expect, test } from 'vitest';
import {
  FAILING_OUTCOMES,
  OUTCOME_NAMES,
  OUTCOMES,
  provesNotRun,
  RETRYABLE_OUTCOMES,
} from '../../../shared/outcome/index.ts';

describe('each outcome that a host says of itself', () => {
  const own = OUTCOME_NAMES.filter(name => OUTCOMES[name].saidBy === 'host');

  test('a host that says that it obeys an abort is not tried again, because the request is over', () => {
    expect(own.filter(name => !OUTCOMES[name].mayHaveRun && !OUTCOMES[name].retryable)).toEqual(['aborted']);
    expect(provesNotRun('aborted')).toBe(true);
  });

  test.each(own.filter(name => name !== 'aborted'))(
    'each outcome that a host says of itself can be retried exactly if nothing ran: %s',
    name => {
      expect(OUTCOMES[name].retryable).toBe(!OUTCOMES[name].mayHaveRun);
      expect(provesNotRun(name)).toBe(OUTCOMES[name].retryable);
      expect(OUTCOMES[name].meaning.endsWith('Nothing was done.')).toBe(OUTCOMES[name].retryable);
    },
  );
});

test('the controller says of no host that was ordered that the call did not run', () => {
  const said = OUTCOME_NAMES.filter(name => OUTCOMES[name].saidBy === 'controller');
  expect(said).toEqual(['not-ordered', 'expired', 'unreachable']);
  expect(said.some(provesNotRun)).toBe(false);
  expect(said.filter(name => !OUTCOMES[name].mayHaveRun)).toEqual(['not-ordered']);
});

test.each(OUTCOME_NAMES)('the meaning of %s says whether the call may have run', name => {
  const { meaning, mayHaveRun } = OUTCOMES[name];
  expect(meaning.endsWith('Nothing was done.')).toBe(!mayHaveRun);
});

test('a gate counts every outcome as failed but what went well and what does not concern the host', () => {
  expect(OUTCOME_NAMES.filter(name => !FAILING_OUTCOMES.includes(name))).toEqual([
    'returned',
    'skipped',
    'not-applicable',
  ]);
});

test('the outcomes that can be retried are those after which nothing ran, and hosts that were not heard', () => {
  expect(RETRYABLE_OUTCOMES).toEqual([
    'refused',
    'not-applicable',
    'compile-error',
    'load-error',
    'unreachable',
  ]);
});
