export { compatible, convertAsByAssignment, convertTo, isNullPointer, promotedValue } from './convert.ts';
export { foldArithmetic, isSignedOperation } from './fold.ts';
export { commonType, type ScalarLayout, scalarLayout, wrapInteger } from './scalar.ts';
