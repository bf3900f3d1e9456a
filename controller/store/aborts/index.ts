export { type AbortRecord, type AbortStore, abortStoreOn, type NewAbort } from './abort-store.ts';
