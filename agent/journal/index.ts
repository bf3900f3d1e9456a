export type { EntryOf } from './entry.ts';
export {
  ABORTS_PER_PERSON,
  hasJournal,
  type IntentNotes,
  JOURNAL_FILE,
  Journal,
  type JournalOptions,
  type OutcomeRecord,
  type PendingResult,
} from './journal.ts';
export { isJournaledCall, type JournaledCall } from './journaled-call.ts';
export { StateLock } from './state-lock.ts';
