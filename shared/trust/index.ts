export { keyringOf, type Principal, parseTrustBundle, readTrustBundle, type TrustBundle } from './bundle.ts';
export {
  type ApprovalCount,
  type ApprovalsToCount,
  countApprovals,
  type DiscountedApproval,
  thresholdFor,
} from './count-approvals.ts';
