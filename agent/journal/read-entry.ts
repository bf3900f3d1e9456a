import { FarcallError } from '../../shared/errors/index.ts';
import { decodeEntry, type JournalEntry } from './entry.ts';
import { type JournalPosition, nextPosition } from './position.ts';
import type { RecordFrame } from './record-frame.ts';

/** The entry in a frame of the file, and where its body lies. Throws as {@link decodeEntry}. */
export function readEntry({ payload, payloadOffset }: RecordFrame) {
  const { entry, bodyStart } = decodeEntry(payload);
  const bodyOffset = payloadOffset + bodyStart;
  return { entry, payload, bodyStart, bodyOffset, bodyLength: payload.length - bodyStart };
}

/** The position of the journal after an entry that it holds: a written position counts as it is. */
export function positionAfter(
  before: JournalPosition,
  entry: JournalEntry,
  payload: Uint8Array,
): JournalPosition {
  if (entry.kind !== 'position') return nextPosition(before, payload);
  return { sequence: entry.sequence, head: Buffer.from(entry.head, 'base64url') };
}

/** Adds to an error which file it is about, and what an operator can do. */
export function atPath<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof FarcallError)) throw error;
    throw new FarcallError(
      'JOURNAL_DAMAGED',
      `${path}: ${error.message}; the agent runs nothing with it. To start afresh, move it away: requests that are open now ` +
        'could then run a second time here',
      { cause: error },
    );
  }
}
