import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CallEnd, encodeResult, type ResultContext } from '../../../agent/run-order/call-result.ts';
import { callResultCodec, MESSAGE_LIMIT_BYTES } from '../../../shared/messages/index.ts';
import { moduleNameOf } from '../../../shared/module-signing/index.ts';
import { OUTCOME_NAMES } from '../../../shared/outcome/index.ts';

const CONTEXT: ResultContext = {
  host: 'web-01',
  key: { requestDigest: Buffer.alloc(32, 0xab), attempt: 12 },
  orderId: 'order-1234',
  timings: { verifyUs: 1, compileUs: 2, spawnUs: 3, loadUs: 4, totalUs: 10 },
  finishedAtMs: 1,
  kernelRelease: '6.1.0',
};

test('whatever a kernel says, the outcome fits into a message', () => {
  const text = fc.oneof(
    fc.string(),
    fc.nat(200_000).map(length => '€'.repeat(length)),
  );
  const end: fc.Arbitrary<CallEnd> = fc.record({
    outcome: fc.constantFrom(...OUTCOME_NAMES),
    value: fc.option(fc.record({ type: text, text, kind: fc.constant('int' as const) }), { nil: undefined }),
    error: fc.option(fc.record({ code: fc.constant('CALL_FAULTED' as const), message: text }), {
      nil: undefined,
    }),
    kernelLog: fc.array(text, { maxLength: 400 }),
    loaderErrno: fc.option(fc.integer({ min: -1, max: 5000 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(end, given => {
      const bytes = encodeResult(given, CONTEXT);
      expect(bytes.length).toBeLessThan(MESSAGE_LIMIT_BYTES - 10_000);
      expect(callResultCodec.decode(bytes).outcome).toBe(given.outcome);
    }),
    { numRuns: 60 },
  );
});

test('a long log keeps its first lines and says how many are missing', () => {
  const kernelLog = Array.from({ length: 1000 }, (_, line) => `line ${line}`);
  const { kernelLog: kept } = callResultCodec.decode(
    encodeResult({ outcome: 'faulted', kernelLog }, CONTEXT),
  );
  expect(kept).toHaveLength(256);
  expect(kept[0]).toBe('line 0');
  expect(kept.at(-1)).toBe('(745 more lines)');
});

test('a value that is not a valid message loses the value, not the outcome', () => {
  const value = { type: 'int', text: '1', kind: 'int', integer: 'one' } as const;
  const result = callResultCodec.decode(encodeResult({ outcome: 'returned', value }, CONTEXT));
  expect(result).toMatchObject({ outcome: 'returned', error: { code: 'INTERNAL' } });
  expect(result.value).toBeUndefined();
});

test('a module is named for its attempt, and the kernel takes the name', () => {
  expect(moduleNameOf(CONTEXT.key)).toBe('farcall_abababababababab_12');
  expect(moduleNameOf({ requestDigest: Buffer.alloc(32, 255), attempt: 1000 }).length).toBeLessThanOrEqual(
    55,
  );
});
