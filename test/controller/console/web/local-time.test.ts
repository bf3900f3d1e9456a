import { afterEach, expect, test } from 'vitest';
import { localTime } from '../../../../controller/console/web/text/numbers.ts';

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

test('a time is also shown as the clock of the browser shows it, with its zone', () => {
  process.env['TZ'] = 'Asia/Kolkata';
  expect(localTime(Date.UTC(2026, 10, 30, 22, 15, 7))).toBe('2026-12-01 03:45:07 GMT+5:30');
});

test('a time is shown once where the clock of the browser is UTC', () => {
  process.env['TZ'] = 'UTC';
  expect(localTime(Date.UTC(2026, 10, 30, 22, 15, 7))).toBeUndefined();
});
