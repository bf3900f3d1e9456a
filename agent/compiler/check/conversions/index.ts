export {
  compatible,
  convertAsByAssignment,
  convertTo,
  isFunctionPointer,
  isNullPointer,
  promotedValue,
  whyNoFunctionPointer,
} from './convert.ts';
export { commonType, isSignedOperation, type ScalarLayout, scalarLayout, wrapInteger } from './scalar.ts';
