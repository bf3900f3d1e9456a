import { expect, test } from 'vitest';
import { outcomeAfterIntent, outcomeBeforeIntent } from '../../../agent/outcome-of-code/index.ts';
import { ERROR_CODES, type ErrorCode } from '../../../shared/errors/index.ts';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];

test('before a call is begun no outcome says that it may have run, unless the journal says so', () => {
  expect(outcomeBeforeIntent('OUTCOME_UNKNOWN')).toBe('unknown');
  const outcomes = codes.filter(code => code !== 'OUTCOME_UNKNOWN').map(outcomeBeforeIntent);
  for (const outcome of ['returned', 'skipped', 'unknown'] as const) expect(outcomes).not.toContain(outcome);
});

test.each([
  ['PROGRAM_SYNTAX', 'compile-error'],
  ['SYMBOL_INLINED', 'not-applicable'],
  ['KERNEL_LACKS', 'not-applicable'],
  ['POLICY_REFUSED', 'refused'],
  ['APPROVALS_INSUFFICIENT', 'refused'],
  ['REQUEST_EXPIRED', 'refused'],
  ['MODULE_REFUSED', 'load-error'],
  ['CALL_FAULTED', 'faulted'],
  ['CALL_TIMED_OUT', 'timed-out'],
  ['LOADER_FAILED', 'unknown'],
  ['INTERNAL', 'unknown'],
] as const)('%s after the call is begun is %s', (code, outcome) => {
  expect(outcomeAfterIntent(code)).toBe(outcome);
});

test('a bug of farcall before the call is begun is a refusal', () => {
  expect(outcomeBeforeIntent('INTERNAL')).toBe('refused');
});
