import { describe, expect, it } from 'vitest';
import { reportForgedRows } from '../../../controller/service/report-forged.ts';
import { START_MS } from '../../kit/cast.ts';

describe('the log of rows that no controller wrote', () => {
  it('a row that is read again and again is logged once in ten minutes, and another row at once', () => {
    let nowMs = START_MS;
    const logged: unknown[] = [];
    const error = (row: unknown): void => void logged.push(row);
    const report = reportForgedRows({ clock: { nowMs: () => nowMs }, log: { error } as never });
    const [one, two] = ['one', 'two'].map(name => ({ table: 'locks', claims: { name } }) as const);
    for (let count = 0; count < 3; count++) report(one as never);
    report(two as never);
    nowMs += 600_000;
    report(one as never);
    expect(logged).toEqual([one, two, one]);
  });
});
