export {
  checkTrustBundle,
  decodeTrustBundle,
  encodeTrustBundle,
  type PinnedRoots,
  type Principal,
  type Roots,
  type TrustBundle,
} from './bundle.ts';
export {
  type ApprovalCount,
  type ApprovalsToCount,
  countApprovals,
  type DiscountedToken,
  thresholdFor,
} from './count-approvals.ts';
export { type EmergencyRules, emergencyRules } from './emergency.ts';
export {
  type BundleFile,
  bundleFileText,
  parseBundleFile,
  readBundleFile,
  readRootsFile,
  rootsFileText,
} from './files.ts';
export { checkFresh } from './freshness.ts';
export { keyringOf } from './keyring.ts';
export { refusedRequest } from './refused-request.ts';
export { requireApproved } from './require-approved.ts';
export {
  countRootSignatures,
  type RootCount,
  type SignedContent,
  signBundle,
} from './root-signatures.ts';
export type { Scope, ScopedRight, Team } from './scope-schema.ts';
export {
  outsideHostScope,
  outsideScope,
  requireHostInScope,
  type ScopedAct,
  type ScopedHost,
} from './scopes.ts';
export { type Quorum, quorum } from './seats.ts';
export { type Site, siteName, siteOf } from './site.ts';
export { type AbortToVerify, type VerifiedAbort, verifyAbort } from './verify-abort.ts';
export { type ActionToVerify, type VerifiedAction, verifyAction } from './verify-action.ts';
export {
  type BundleVerdict,
  checkLeast,
  contentOf,
  evaluateBundle,
  isVerifiedBundle,
  type LeastBundle,
  leastBundleSchema,
  reopenBundle,
  type TrustAnchor,
  type VerifiedBundle,
} from './verify-bundle.ts';
export { type EnrolmentToVerify, verifyEnrolment } from './verify-enrolment.ts';
export {
  type EnrolmentRevocationToVerify,
  type HostAcceptanceToVerify,
  verifyEnrolmentRevocation,
  verifyHostAcceptance,
} from './verify-host-decision.ts';
export {
  type HostRemovalToVerify,
  hostRemovers,
  hostRemoversNeeded,
  hostRemoversOf,
  type VerifiedHostRemoval,
  verifyHostRemoval,
} from './verify-host-removal.ts';
export {
  keysToLock,
  type LockToVerify,
  type VerifiedLock,
  type VerifiedUnlock,
  verifyLock,
  verifyUnlock,
} from './verify-lock.ts';
export { type RequestToVerify, verifyRequester } from './verify-requester.ts';
