export { REMEMBER_MS } from './compact.ts';
export type { JournalEntryOf } from './entry.ts';
export { decodeEntry, encodeEntry } from './entry.ts';
export { ForwardClock } from './forward-clock.ts';
export {
  ABORTS_PER_PERSON,
  hasJournal,
  type IntentDetails,
  JOURNAL_FILE,
  Journal,
  type JournalOptions,
  type OutcomeRecord,
  type PendingResult,
} from './journal.ts';
export { isJournaledCall, type JournaledCall } from './journaled-call.ts';
export type { JournalPosition } from './position.ts';
export { encodeFrame, scanFrames } from './record-frame.ts';
export { StateLock } from './state-lock.ts';
