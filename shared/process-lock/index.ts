export { ProcessLock, type ProcessLockWords } from './process-lock.ts';
