import type { ControllerStatus } from '../../shared/messages/index.ts';
import { formatDuration, formatTime } from './duration.ts';

/** How many hosts with wrong clocks a line names. */
const NAMED = 3;

/**
 * One line for each thing that this controller cannot do now: since when, and what waits because of it. Empty
 * while all is well. The command line, the console and every other reader show these lines.
 */
export function statusLines(status: ControllerStatus): string[] {
  return [...brokerLine(status), ...storeLine(status), ...clockLine(status)];
}

function since(sinceMs: number, nowMs: number): string {
  return `since ${formatTime(sinceMs)} (${formatDuration(Math.max(0, nowMs - sinceMs))})`;
}

function brokerLine({ brokerAwaySinceMs, nowMs, waitingRequests }: ControllerStatus): string[] {
  if (brokerAwaySinceMs === undefined) return [];
  const waiting =
    waitingRequests === 1 ? '1 request waits for it' : `${waitingRequests} requests wait for it`;
  return [
    `The broker has been away ${since(brokerAwaySinceMs, nowMs)}: no order, abort or result gets through; ${waiting}.`,
  ];
}

const STORE = {
  full: 'The disk of the store has been full',
  away: 'The store has been away',
  failing: 'The store has been failing',
} as const;

function storeLine({ storeState, storeSinceMs, nowMs }: ControllerStatus): string[] {
  if (storeState === 'ok') return [];
  const what =
    storeState === 'full'
      ? 'nothing can be requested, approved, ordered or aborted until there is room'
      : 'nothing can be read or changed until it is back';
  return [`${STORE[storeState]} ${since(storeSinceMs ?? nowMs, nowMs)}: ${what}.`];
}

function clockLine({ clocks, clocksWrong, clocksKnown }: ControllerStatus): string[] {
  const [first] = clocks;
  if (!first) return [];
  const named = clocks.slice(0, NAMED).map(({ host, offsetMs }) => `${host} is ${clockText(offsetMs)}`);
  const more = clocksWrong > named.length ? ` and ${clocksWrong - named.length} more` : '';
  const cause =
    clocksWrong > 1 && 2 * clocksWrong > clocksKnown
      ? "most hosts differ, so it may be this controller's own clock"
      : 'no order or result of these hosts counts until their clocks are right';
  return [`Clocks are wrong: ${named.join(', ')}${more}; ${cause}.`];
}

/** `5 min ahead`, `24 h behind`. */
export function clockText(offsetMs: number): string {
  return `${formatDuration(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}
