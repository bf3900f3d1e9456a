export { type OrderContext, trustNow } from './conclude.ts';
export { outcomeBeforeIntent } from './outcome-of-code.ts';
export { runOrder } from './run-order.ts';
export { settleInterrupted } from './settle-interrupted.ts';
export type { KernelStages, LoadOptions } from './stages.ts';
export { takeAbort } from './take-abort.ts';
