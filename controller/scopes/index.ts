export { type LimitedApprover, limitedApprovers } from './limited-approvers.ts';
export { type PlannedDeps, plannedCallees } from './planned-callees.ts';
export { type ScopeDeps, scopedParts } from './scoped-parts.ts';
