import { expect, it } from 'vitest';
import { reportJson, reportText, warningsText } from '../../../agent/cli/report-text.ts';
import type { LoadReport } from '../../../agent/stages/index.ts';

const INT = { type: 'int', text: '(int)17', kind: 'int', integer: '17' } as const;
const VOID = { type: 'void', text: '(void)', kind: 'void' } as const;
const RETURNED: LoadReport = { outcome: 'returned', value: INT, kernelLog: [], spawnUs: 1, loadUs: 2 };

it('a value stands alone, with what the kernel logged below', () => {
  expect(reportText({ ...RETURNED, kernelLog: ['Hello'] })).toBe('(int)17\n  kernel: Hello\n');
});

it('rows stand above the value', () => {
  const rows = [{ values: [INT, { ...INT, text: '(int)4' }] }, { values: [{ ...INT, text: '(int)1' }, INT] }];
  expect(reportText({ ...RETURNED, rows, droppedRows: 3 })).toBe(
    '17  4\n1   17\n(3 more rows dropped: the result had no room)\n(int)17\n',
  );
  expect(reportText({ ...RETURNED, rows, value: VOID })).toBe('17  4\n1   17\n');
  expect(reportText({ ...RETURNED, value: VOID })).toBe('(void)\n');
});

it('a call that did not return says why, after its rows', () => {
  const error = { code: 'CALL_SKIPPED', message: 'line 1, column 1: no such task' } as const;
  const skipped: LoadReport = { outcome: 'skipped', error, kernelLog: [], spawnUs: 1, loadUs: 2 };
  expect(reportText({ ...skipped, rows: [{ values: [INT] }] })).toBe(
    '17\nskipped: line 1, column 1: no such task\n',
  );
});

it('with --json, a report has everything except what is still to come', () => {
  const warnings = [{ line: 2, column: 5, message: 'bits are lost', excerpt: '    x\n    ^' }];
  const report = { ...RETURNED, late: Promise.resolve(RETURNED) };
  expect(JSON.parse(reportJson(report, { warnings }))).toEqual({ ...RETURNED, warnings });
});

it('warnings are printed with their source locations', () => {
  expect(warningsText({ warnings: [] })).toBe('');
  expect(
    warningsText({ warnings: [{ line: 2, column: 5, message: 'bits are lost', excerpt: '    x\n    ^' }] }),
  ).toBe('warning: line 2, column 5: bits are lost\n    x\n    ^\n');
});
