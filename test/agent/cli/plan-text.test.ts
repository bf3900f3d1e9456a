import { expect, test } from 'vitest';
import { planText } from '../../../agent/cli/plan-text.ts';

test('a plan is printed as people read it', () => {
  const text = planText({
    effect: 'write',
    answers: [
      { question: '__has_symbol(page_pools)', answer: 0, line: 1, column: 5 },
      { question: 'LINUX_VERSION_CODE', answer: 0x060c30, line: 2, column: 1 },
    ],
    indirectCalls: [],
    watches: [],
    denies: [],
    callees: [{ name: 'f', prototype: 'int f(void)', address: '0xffffffff81000000' }],
    warnings: [{ line: 1, column: 2, message: 'long is truncated to int', excerpt: '    x = y\n    ^' }],
    steps: [
      { kind: 'call', line: 1, column: 5, text: 'f()', source: 'x = f();' },
      { kind: 'write', line: 2, column: 3, text: '*(int *)0xffffffff82000000: (int)0 → ?', source: 'y = x;' },
    ],
    droppedSteps: 3,
    ending: { kind: 'depends', text: 'what happens from here depends on the result of f (line 1, column 5)' },
    rows: [{ values: [{ type: 'int', text: '(int)7', kind: 'int', integer: '7' }] }],
    droppedRows: 0,
    notes: ['memory was read as it is now'],
    module: { bytes: 1234, sha256: 'abcd' },
  });
  expect(text).toBe(`warning: line 1, column 2: long is truncated to int
    x = y
    ^
effect: write
module: 1234 bytes, sha256:abcd
may call: int f(void); at 0xffffffff81000000
1:5 asks __has_symbol(page_pools): no
2:1 asks LINUX_VERSION_CODE: 6.12.48
1:5 call f()
2:3 write *(int *)0xffffffff82000000: (int)0 → ?
(3 more calls and writes)
row: 7
depends: what happens from here depends on the result of f (line 1, column 5)
note: memory was read as it is now
`);
});
