export { REMEMBER_MS } from './compact.ts';
export type { JournalEntryOf, JournaledResident } from './entry.ts';
export { decodeEntry, encodeEntry } from './entry.ts';
export { ForwardClock } from './forward-clock.ts';
export { ABORTS_PER_PERSON, hasJournal, JOURNAL_FILE, Journal } from './journal.ts';
export type {
  IntentDetails,
  JournaledDenies,
  JournalOptions,
  OutcomeRecord,
  PendingResult,
} from './journal-records.ts';
export { isJournaledCall, type JournaledCall } from './journaled-call.ts';
export type { JournalPosition } from './position.ts';
export { encodeFrame, scanFrames } from './record-frame.ts';
export { lockState } from './state-lock.ts';
