export { addApprove } from './approve.ts';
export { addReject } from './reject.ts';
export { addReview } from './review.ts';
export { addWithdraw } from './withdraw.ts';
