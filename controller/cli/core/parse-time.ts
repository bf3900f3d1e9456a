import { FarcallError } from '../../../shared/errors/index.ts';
import { parseDuration } from '../../views/index.ts';

/**
 * A time in milliseconds: `2027-01-31`, `2027-01-31T12:00:00Z`, or a duration from now. Throws
 * CONFIG_INVALID.
 */
export function parseTime(option: string, text: string, nowMs: number): number {
  if (!/^\d{4}-/.test(text)) return nowMs + parseDuration(option, text);
  const atMs = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw new FarcallError(
    'CONFIG_INVALID',
    `${option}: '${text}' is not a time; write 2027-01-31, 2027-01-31T12:00:00Z, or 90d from now`,
  );
}
