export { keyringOf, type Principal, parseTrustBundle, readTrustBundle, type TrustBundle } from './bundle.ts';
export {
  type ApprovalCount,
  type ApprovalsToCount,
  countApprovals,
  type DiscountedApproval,
  thresholdFor,
} from './count-approvals.ts';
export { type AbortToVerify, type VerifiedAbort, verifyAbort } from './verify-abort.ts';
