export {
  type ApprovalRecord,
  type ApprovalStore,
  approvalStoreOn,
  DECIDED_IN,
  type Decision,
  decisionsRevision,
  type NewApproval,
  type NewWithdrawal,
  storedRevision,
  WITHDRAWN_IN,
} from './approval-store.ts';
