export { type LabelHostDeps, submitHostLabels } from './label-host.ts';
export { type HostManagement, hostManagement, type ManageDeps } from './manage-hosts.ts';
export { type EnrolmentReplyParts, type RedeemDeps, redeemEnrolment } from './redeem-enrolment.ts';
export { type RedemptionLimit, redemptionLimit } from './redemption-limit.ts';
export { type RemoveHostDeps, submitHostRemoval } from './remove-host.ts';
export { type RenewDeps, renewCredential } from './renew-credential.ts';
