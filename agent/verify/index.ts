export { type AttemptKey, attemptKeyText } from './attempt-key.ts';
export {
  type AuthenticAbort,
  authenticateAbort,
  type EarlierLife,
  isAuthenticAbort,
} from './authenticate-abort.ts';
export { type AuthenticOrder, authenticateOrder, type HostTrust } from './authenticate-order.ts';
export { authenticateQuery, type QueryWithToken } from './authenticate-query.ts';
export type { Addressee } from './check-addressee.ts';
export {
  type BundleStatements,
  checkNewest,
  type NamedBundle,
  STATEMENT_LIMIT_MS,
  WITHHELD_GRACE_MS,
} from './check-newest.ts';
export { checkInTime, isVerifiedOrder, type VerifiedOrder, verifyOrder } from './verify-order.ts';
