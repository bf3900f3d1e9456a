export { receiveAbort } from './receive-abort.ts';
export { recoverInterrupted } from './recover-interrupted.ts';
export { runOrder } from './run-order.ts';
