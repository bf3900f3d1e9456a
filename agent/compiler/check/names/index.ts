export { arrivalSupport, denySupport } from './deny-support.ts';
export { KEEPING_KINDS, type KeepingKind, keepsPointers } from './keeping-functions.ts';
export { enumeratorType, KernelNames, type KernelNamesInput } from './kernel-names.ts';
export {
  LOCK_KINDS,
  type LockCall,
  type LockFunctions,
  type LockKind,
  lockCall,
  lockKind,
} from './lock-kinds.ts';
export { didYouMean, nearestNames } from './nearest-names.ts';
export { answerOf } from './presence.ts';
export { onlyDataSymbol } from './resolve-data.ts';
export {
  notInModule,
  onlyTextSymbol,
  refuseInitText,
  resolveFunction,
  unknownName,
} from './resolve-function.ts';
export { SLEEPING_KINDS, type SleepingKind, whySleeps } from './sleeping-functions.ts';
export { moduleOf } from './symbol-position.ts';
export {
  type SupportFunction,
  supportFunction,
  type TaskSupport,
  type TaskTree,
  type TaskWalk,
  taskSupport,
} from './task-support.ts';
export {
  bootClock,
  cloneCalled,
  clonesBeside,
  currentOfCpu,
  holderSupport,
  onlyClone,
  STACK_ENTRIES,
  stackSupport,
  WATCH_FUNCTIONS,
  watchSupport,
  wholeClones,
  whyNoOffset,
  whyNotInWatch,
  whyNotWatched,
} from './watch-support.ts';
export { WRITING_KINDS, type WritingKind, writesByKind } from './writing-functions.ts';
