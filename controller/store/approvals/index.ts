export {
  type ApprovalDecision,
  type ApprovalRecord,
  type ApprovalStore,
  approvalStoreOn,
  DECIDED_IN,
  decisionsRevision,
  type NewApproval,
  type NewWithdrawal,
  standingApprovers,
  storedRevision,
  WITHDRAWN_IN,
} from './approval-store.ts';
