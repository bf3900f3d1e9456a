import { FarcallError } from '../../shared/errors/index.ts';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `500ms`, `30s`, `10m`, `1h` or `7d`. Throws CONFIG_INVALID naming the `option`. */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (!match)
    throw new FarcallError(
      'CONFIG_INVALID',
      `${option}: '${text}' is not a duration; write 30s, 10m, 1h or 7d`,
    );
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/** A duration for people: `59 min`, `12.3 ms`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Number(durationMs.toPrecision(3))} ms`;
  if (durationMs < 2 * UNIT_MS.m) return `${Number((durationMs / UNIT_MS.s).toPrecision(3))} s`;
  if (durationMs < 2 * UNIT_MS.h) return `${Math.round(durationMs / UNIT_MS.m)} min`;
  if (durationMs < 2 * UNIT_MS.d) return `${Math.round(durationMs / UNIT_MS.h)} h`;
  return `${Math.round(durationMs / UNIT_MS.d)} days`;
}

/** A time for people, to the minute, for tables whose header says UTC. */
export function formatMinute(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ');
}

/** A time for people, to the second, in UTC as everywhere in farcall. */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
