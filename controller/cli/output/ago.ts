import { formatDuration } from '../../views/index.ts';

/** How long ago a time was. If the clock of this machine is behind, a time in the future counts as now. */
export function agoText(atMs: number, nowMs: number): string {
  return `${formatDuration(Math.max(0, nowMs - atMs))} ago`;
}
