export type { AbortSpread, NamedHosts, NewAbortStatement } from './abort-statements.ts';
export { type AbortRecord, type AbortStore, abortStoreOn, type NewAbort } from './abort-store.ts';
