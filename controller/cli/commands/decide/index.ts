export { addApprove } from './approve.ts';
export { addReject } from './reject.ts';
export { addWithdraw } from './withdraw.ts';
