export { type OrderContext, trustNow } from './conclude.ts';

export { runOrder } from './run-order.ts';
export { settleInterrupted } from './settle-interrupted.ts';

export { takeAbort } from './take-abort.ts';
