export {
  compatible,
  convertAsByAssignment,
  convertTo,
  isFunctionPointer,
  isNullPointer,
  promotedValue,
  whyNoFunctionPointer,
} from './convert.ts';
export { foldArithmetic, isSignedOperation } from './fold.ts';
export { commonType, type ScalarLayout, scalarLayout, wrapInteger } from './scalar.ts';
