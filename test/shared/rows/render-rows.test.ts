import { expect, it } from 'vitest';
import type { ResultRow } from '../../../shared/messages/index.ts';
import { renderRows } from '../../../shared/rows/index.ts';

const row = (pid: number, comm: string): ResultRow => ({
  values: [
    { type: 'pid_t', text: `(pid_t)${pid}`, kind: 'int', integer: String(pid) },
    { type: 'char [16]', text: `"${comm}"`, kind: 'string', string: comm },
    { type: 'long', text: '(long)7', kind: 'int', integer: '7' },
  ],
});
const LIMITS = { rows: 10, lineChars: 100 };

it('stands values of rows below each other, without their types', () => {
  expect(renderRows({ rows: [row(1, 'systemd'), row(4242, 'sh')] }, LIMITS)).toEqual([
    '1     "systemd"  7',
    '4242  "sh"       7',
  ]);
});

it('a text of rows has no lines where there are no rows', () => {
  expect(renderRows({}, LIMITS)).toEqual([]);
  expect(renderRows({ rows: [], droppedRows: 0 }, LIMITS)).toEqual([]);
});

it('a text of rows counts what is not shown and what was dropped', () => {
  const rows = [row(1, 'a'), row(2, 'b'), row(3, 'c')];
  expect(renderRows({ rows, droppedRows: 1 }, { ...LIMITS, rows: 1 })).toEqual([
    '1  "a"  7',
    '(2 more rows not shown here)',
    '(1 more row dropped: the result had no room)',
  ]);
});

it('a text of rows keeps lines short, and columns of long values narrow', () => {
  const lines = renderRows({ rows: [row(1, 'x'.repeat(200)), row(2, 'y')] }, LIMITS);
  expect(lines[0]).toHaveLength(100);
  expect(lines[0]).toMatch(/x…$/);
  expect(lines[1]).toBe(`2  ${'"y"'.padEnd(40)}  7`);
});
