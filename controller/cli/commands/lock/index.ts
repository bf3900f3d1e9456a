export { addLock, addUnlock } from './lock.ts';
export { addLocks } from './locks.ts';
