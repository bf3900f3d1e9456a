import { expect, test } from 'vitest';
import { probesIn } from '../../../agent/run-order/probe-health.ts';
import type { ResultRow } from '../../../shared/messages/index.ts';

function row(counts: Readonly<Record<string, number>>, type = 'struct watch'): ResultRow {
  const fields = Object.entries(counts).map(([name, count]) => {
    return { name, type: 'unsigned long', kind: 'int', integer: String(count), signed: false } as const;
  });
  return { values: [{ kind: 'struct', type, text: '', members: fields }] };
}

const FINE = { hits: 1, entered: 5, missed: 2, abandoned: 1, dropped: 3, braked: 0, slow: 0 };

test('the health of probes has nothing to say of watches that saw what they were to see', () => {
  expect(probesIn(undefined)).toBe(undefined);
  expect(probesIn([row(FINE), row({ ...FINE, missed: 5 }), row({ ...FINE, entered: 0, missed: 0 })])).toBe(
    undefined,
  );
  expect(probesIn([row({ ...FINE, braked: 1 }, 'struct other')])).toBe(undefined);
});

test.each([
  ['braked', { braked: 1 }, 'a watch was stopped: its function was entered too often'],
  ['slow', { slow: 1 }, 'a watch was stopped: its body took too long'],
  ['missed', { missed: 6 }, 'a watch missed 6 entries and saw 5'],
])('the health of probes says why a watch did not see all: %s', (_count, changes, reason) => {
  expect(probesIn([row(FINE), row({ ...FINE, ...changes })])).toBe(reason);
});
