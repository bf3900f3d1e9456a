import type { HostFacts, HostView } from '../../shared/messages/index.ts';
import { clockText } from './status-lines.ts';

/** A host that was not heard from for so long would miss a call: it says something every few seconds. */
const SILENT_MS = 5 * 60_000;

/** By why a host is held: the words for operators. */
export const HELD = {
  'went-back': 'held: its journal went back',
  'exists-twice': 'held: exists twice',
  'record-forged': 'held: what the store says of its journal was forged',
} as const;

/**
 * Why the host could run no call now, each in words for operators: what it says of itself, and what this
 * controller knows of it. None if nothing is known against it.
 */
export function unfitReasons(view: HostView, facts: HostFacts, nowMs: number): readonly string[] {
  const { hold, lockReason, trust, clockOffsetMs, lastSeenAtMs } = view;
  return [
    lockReason === undefined ? undefined : `it is locked: ${lockReason}`,
    hold && HELD[hold.why],
    nowMs - lastSeenAtMs > SILENT_MS
      ? 'it is silent: look whether its agent runs and reaches the broker'
      : undefined,
    trust && trust.version === 0 ? 'it has no trust bundle' : undefined,
    clockOffsetMs === undefined ? undefined : `its clock is ${clockText(clockOffsetMs)}`,
    ...(facts.unfit ?? []),
  ].filter(reason => reason !== undefined);
}
