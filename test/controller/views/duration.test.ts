import { describe, expect, it } from 'vitest';
import { formatDuration, formatTime, parseDuration } from '../../../controller/views/index.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
  ])('the duration %s is %i ms', (text, durationMs) => {
    expect(parseDuration('--expires', text)).toBe(durationMs);
  });

  it.each(['', '1', '1 h', '-1s', '1.5h', '1w', '1h30m', 'h'])("'%s' is not a duration", text => {
    expect(() => parseDuration('--expires', text)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(/^--expires: /) }),
    );
  });

  it.each([
    [0.4123, '0.412 ms'],
    [12.3, '12.3 ms'],
    [1500, '1.5 s'],
    [119_000, '119 s'],
    [3_540_000, '59 min'],
    [86_400_000, '24 h'],
    [604_800_000, '7 days'],
  ])('%d ms is shown as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  it('times are shown in UTC', () => {
    expect(formatTime(1_790_000_000_999)).toBe('2026-09-21 14:13:20 UTC');
  });
});
