const UNIT_MS = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A number for people: `5,000`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 host`, `5,000 hosts`. */
export function hosts(value: number): string {
  return `${count(value)} ${value === 1 ? 'host' : 'hosts'}`;
}

/** A duration for people: `12 ms`, `1.5 s`, `59 min`, `6 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Number(ms.toPrecision(3))} ms`;
  if (ms < 2 * UNIT_MS.min) return `${Number((ms / UNIT_MS.s).toPrecision(3))} s`;
  if (ms < 2 * UNIT_MS.h) return `${Math.round(ms / UNIT_MS.min)} min`;
  if (ms < 2 * UNIT_MS.d) return `${Math.round(ms / UNIT_MS.h)} h`;
  return `${Math.round(ms / UNIT_MS.d)} days`;
}

/** A time to the second, in UTC as everywhere in farcall. */
export function time(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The same time where this browser is, with the name of its zone; undefined where that is UTC. */
export function localTime(epochMs: number): string | undefined {
  const at = new Date(epochMs);
  if (at.getTimezoneOffset() === 0) return undefined;
  const zone = new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value;
  return `${at.toLocaleString('sv-SE').slice(0, 19)} ${zone ?? 'local'}`;
}

/** How long ago: `just now`, `3 min ago`. */
export function ago(epochMs: number, nowMs: number): string {
  const ms = nowMs - epochMs;
  return ms < 5000 ? 'just now' : `${duration(Math.floor(ms / 1000) * 1000)} ago`;
}

/** The time left: `4:05` below an hour, whose width stays the same from second to second; `6 h` above. */
export function until(epochMs: number, nowMs: number): string {
  const seconds = Math.ceil((epochMs - nowMs) / 1000);
  if (seconds <= 0) return '0:00';
  if (seconds >= 3600) return duration(seconds * 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
