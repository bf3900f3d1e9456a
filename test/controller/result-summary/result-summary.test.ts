import { describe, expect, it } from 'vitest';
import {
  parseResultSummary,
  resultSummaryText,
  summarizeResult,
} from '../../../controller/result-summary/index.ts';
import { type CallResult, typedValue } from '../../../shared/messages/index.ts';

const RESULT: CallResult = {
  protocol: 1,
  host: 'demo-1',
  requestDigest: new Uint8Array(32),
  attempt: 2,
  orderId: 'o',
  outcome: 'returned',
  kernelLog: [],
  timings: { verifyUs: 1, compileUs: 2, spawnUs: 3, loadUs: 4, totalUs: 5 },
  finishedAtMs: 1,
  kernelRelease: '6.12.48',
};
const stringOf = (string: string) => typedValue({ type: 'char[]', kind: 'string', string });

describe('the summary of a result', () => {
  it('the summary of a result has the value and its errno', () => {
    const value = typedValue({ type: 'int', kind: 'int', integer: '-22', errnoName: '-EINVAL' });
    expect(summarizeResult({ ...RESULT, value })).toEqual({
      ...{ attempt: 2, outcome: 'returned', value: '(int)-22 /* -EINVAL */', errno: 'EINVAL' },
    });
  });

  it('the summary of a result has the error with which the kernel refused a module', () => {
    const error = { code: 'MODULE_REFUSED' as const, message: 'x'.repeat(1000) };
    expect(summarizeResult({ ...RESULT, outcome: 'load-error', error, loaderErrno: 8 })).toEqual({
      ...{
        attempt: 2,
        outcome: 'load-error',
        errno: 'ENOEXEC',
        error: 'MODULE_REFUSED',
        message: 'x'.repeat(200),
      },
    });
  });

  it('the summary of a result distinguishes long values that begin alike, and stays short', () => {
    const [one, other] = ['a', 'b'].map(end =>
      summarizeResult({ ...RESULT, value: stringOf('x'.repeat(4000) + end) }),
    );
    expect(one?.value).toBe(other?.value);
    expect(one?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(one?.digest).not.toBe(other?.digest);
    expect(resultSummaryText(one!).length).toBeLessThan(600);
  });

  it('the summary of a result applies only to the outcome that the host has', () => {
    const text = resultSummaryText(summarizeResult(RESULT));
    expect(parseResultSummary(text, 'returned')).toEqual(summarizeResult(RESULT));
    expect(parseResultSummary(text, 'unreachable')).toBeUndefined();
    expect(parseResultSummary(text, null)).toBeUndefined();
    expect(parseResultSummary(null, 'returned')).toBeUndefined();
  });
});
