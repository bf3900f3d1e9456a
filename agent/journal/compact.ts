import { rmSync } from 'node:fs';
import { AppendFile } from './append-file.ts';
import { encodeEntry, type JournalEntry } from './entry.ts';
import type { JournalState, KnownAttempt, KnownOutcome } from './journal-state.ts';
import { encodeFrame, PAYLOAD_START_BYTES } from './record-frame.ts';

/**
 * How long after a request's own expiry an attempt is remembered, in milliseconds. After its expiry a request
 * is refused anyway; the rest of the time is for hosts whose clock was wrong. As long as an approval can
 * live.
 */
export const REMEMBER_MS = 30 * 24 * 3600 * 1000;

/** Where the body of an appended record is in the file. */
export interface WrittenEntry {
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
  return { bodyOffset: offset + PAYLOAD_START_BYTES + payload.length - body.length, bodyLength: body.length };
}

/** The file and the state of a journal to compact, and the time that decides what is still needed. */
export interface Compaction {
  readonly file: AppendFile;
  readonly state: JournalState;
  readonly host: string;
  readonly nowMs: number;
}

/**
 * Writes what is still needed to a new file, which then replaces the old one, and returns the new file.
 *
 * Results that the controller has not committed are kept whole. Of all other attempts and of aborts, what
 * prevents a second run is kept until {@link REMEMBER_MS} after the request's expiry. A crash at any point
 * leaves the old file or the new one.
 */
export function compact({ file, state, host, nowMs }: Compaction): AppendFile {
  const draftPath = `${file.path}.new`;
  rmSync(draftPath, { force: true });
  const draft = AppendFile.open(draftPath);
  const moved: (() => void)[] = [];
  try {
    appendEntry(draft, { kind: 'journal', version: 1, host }, { sync: false });
    for (const attempt of state.attempts()) {
      if (isOver(attempt, nowMs)) moved.push(() => state.forget(attempt));
      else moved.push(...copyAttempt(attempt, file, draft));
    }
    for (const abort of state.aborts()) {
      if (abort.expiresAtMs + REMEMBER_MS < nowMs) moved.push(() => state.forgetAbort(abort.request));
      else appendEntry(draft, abort, { sync: false });
    }
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

function isOver({ expiresAtMs, outcomes }: KnownAttempt, nowMs: number): boolean {
  const settled = outcomes.length > 0 && outcomes.every(outcome => outcome.committed);
  return settled && expiresAtMs + REMEMBER_MS < nowMs;
}

/**
 * Copies what is needed of an attempt, and returns the changes to the state once the new file is in place.
 */
function copyAttempt({ intent, outcomes }: KnownAttempt, from: AppendFile, to: AppendFile): (() => void)[] {
  if (intent) appendEntry(to, intent, { sync: false });
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
