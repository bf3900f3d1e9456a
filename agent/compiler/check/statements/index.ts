export { checkOwnFunctions, warnOfUnusedFunctions } from './check-functions.ts';
export { StatementChecker } from './check-statement.ts';
export { CheckedLibrary } from './checked-library.ts';
export { denyText } from './deny.ts';
export { WATCH_COUNTS, watchText } from './watch.ts';
