import { expect, test } from 'vitest';
import { Backlog, type BacklogReport } from '../../../controller/bus/backlog.ts';

test('a backlog is reported once for each time that messages wait for five seconds', () => {
  let nowMs = 1000;
  const reports: BacklogReport[] = [];
  const backlog = new Backlog(
    report => reports.push(report),
    () => nowMs,
  );
  const look = (atMs: number, pending: number): void => {
    nowMs = atMs;
    backlog.look(pending);
  };
  look(1000, 900);
  look(5999, 400);
  expect(reports).toEqual([]);
  look(6000, 300);
  look(9000, 200);
  expect(reports).toEqual([{ pending: 300, behindMs: 5000 }]);
  look(9500, 0);
  look(20_000, 1);
  look(24_000, 0);
  look(30_000, 7);
  expect(reports).toHaveLength(1);
  look(36_000, 9);
  expect(reports[1]).toEqual({ pending: 9, behindMs: 6000 });
});
