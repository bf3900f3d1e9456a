export { type ApproveDeps, approveWhenEnough } from './approve-when-enough.ts';
export { type Submission, type SubmitApprovalDeps, submitApproval } from './submit-approval.ts';
export { withdrawApproval } from './withdraw-approval.ts';
