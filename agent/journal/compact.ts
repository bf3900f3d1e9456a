import { rmSync } from 'node:fs';
import { AppendFile } from './append-file.ts';
import { encodeEntry, type JournalEntry, type JournalEntryOf } from './entry.ts';
import type { JournalState, KnownAttempt, KnownOutcome, Watermarks } from './journal-state.ts';
import type { JournalPosition } from './position.ts';
import { encodeFrame, PAYLOAD_START_BYTES } from './record-frame.ts';

/**
 * How long after a request's own expiry an attempt is remembered, in milliseconds. After its expiry a request
 * is refused anyway; the rest of the time is for hosts whose clock was wrong. As long as an approval can
 * live.
 */
export const REMEMBER_MS = 30 * 24 * 3600 * 1000;

/** Where the body of an appended record is in the file, and the payload of the record. */
export interface WrittenEntry {
  readonly payload: Uint8Array;
  readonly bodyOffset: number;
  readonly bodyLength: number;
}

/** Adds `entry` and its body to `file`. If this throws JOURNAL_FAILED, nothing was added. */
export function appendEntry(
  file: AppendFile,
  entry: JournalEntry,
  { body = new Uint8Array(), sync = true }: { readonly body?: Uint8Array; readonly sync?: boolean } = {},
): WrittenEntry {
  const payload = encodeEntry(entry, body);
  const offset = file.append(encodeFrame(payload), { sync });
  const bodyOffset = offset + PAYLOAD_START_BYTES + payload.length - body.length;
  return { payload, bodyOffset, bodyLength: body.length };
}

/** The file and the state of a journal to compact, and the time that decides what is still needed. */
export interface Compaction {
  readonly file: AppendFile;
  readonly state: JournalState;
  readonly host: string;
  /** The position of the journal, which compaction does not change. */
  readonly position: JournalPosition;
  readonly nowMs: number;
}

/**
 * Writes what is still needed to a new file, which then replaces the old one, and returns the new file.
 *
 * Results that the controller has not committed are kept whole. Of all other attempts and of aborts, what
 * prevents a second run is kept until {@link REMEMBER_MS} after the request's expiry. A crash at any point
 * leaves the old file or the new one.
 *
 * Threat: a clock is set back after a request was forgotten, or was wrong when it was forgotten, and the
 * request seems new. So the new file says by when forgotten requests expired (`forgottenMs`), and none that
 * expires by then is begun again, whatever the clock shows.
 */
export function compact({ file, state, host, position, nowMs }: Compaction): AppendFile {
  const draftPath = `${file.path}.new`;
  rmSync(draftPath, { force: true });
  const draft = AppendFile.open(draftPath);
  const moved: (() => void)[] = [];
  try {
    appendEntry(draft, { kind: 'journal', version: 1, host }, { sync: false });
    let { forgottenMs } = state.watermarks;
    for (const attempt of state.attempts()) {
      if (isOver(attempt, nowMs)) {
        forgottenMs = Math.max(forgottenMs, attempt.expiresAtMs);
        moved.push(() => state.forget(attempt));
      } else moved.push(...copyAttempt(attempt, file, draft));
    }
    for (const abort of state.aborts()) {
      if (abort.expiresAtMs + REMEMBER_MS < nowMs) {
        forgottenMs = Math.max(forgottenMs, abort.expiresAtMs);
        moved.push(() => state.forgetAbort(abort.request));
      } else appendEntry(draft, abort, { sync: false });
    }
    moved.push(() => state.raise({ forgottenMs }));
    appendEntry(draft, positionEntry(position, { ...state.watermarks, forgottenMs }), { sync: false });
    draft.sync();
    draft.replace(file.path);
  } catch (error) {
    draft.close();
    rmSync(draftPath, { force: true });
    throw error;
  }
  for (const step of moved) step();
  file.close();
  return draft;
}

/** The entry that says how far a journal has come. */
export function positionEntry(
  { sequence, head }: JournalPosition,
  watermarks: Watermarks,
): JournalEntryOf<'position'> {
  return { kind: 'position', sequence, head: Buffer.from(head).toString('base64url'), ...watermarks };
}

function isOver({ expiresAtMs, outcomes }: KnownAttempt, nowMs: number): boolean {
  const settled = outcomes.length > 0 && outcomes.every(outcome => outcome.committed);
  return settled && expiresAtMs + REMEMBER_MS < nowMs;
}

/**
 * Copies what is needed of an attempt, and returns the changes to the state once the new file is in place.
 */
function copyAttempt(
  { intent, denyEnd, outcomes }: KnownAttempt,
  from: AppendFile,
  to: AppendFile,
): (() => void)[] {
  if (intent) appendEntry(to, intent, { sync: false });
  if (denyEnd) appendEntry(to, denyEnd, { sync: false });
  return outcomes.map(outcome => copyOutcome(outcome, from, to));
}

function copyOutcome(outcome: KnownOutcome, from: AppendFile, to: AppendFile): () => void {
  const { entry, location, committed } = outcome;
  if (committed || location.kind === 'dropped') {
    appendEntry(to, { ...entry, kind: 'committed' }, { sync: false });
    return () => {
      outcome.location = { kind: 'dropped' };
    };
  }
  const body =
    location.kind === 'file' ? from.read(location.spoolOffset, location.length) : location.envelope;
  const { bodyOffset, bodyLength } = appendEntry(to, entry, { body, sync: false });
  return () => {
    outcome.location = { kind: 'file', spoolOffset: bodyOffset, length: bodyLength };
  };
}
