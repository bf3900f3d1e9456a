export { addAbort } from './abort.ts';
export { addPause } from './pause.ts';
export { addPromote } from './promote.ts';
export { addResume } from './resume.ts';
export { addRetry } from './retry.ts';
export { addWatch } from './watch.ts';
