export { taskPointer } from './builtins.ts';
export { whyNotByValue } from './call.ts';
export { checkOperand, checkValue, constantOf } from './check-expression.ts';
export { decidedByKernel } from './decided.ts';
export { declareRecord } from './define-type.ts';
export { completed, initialise } from './initialise.ts';
export { offsetOfPath } from './member-access.ts';
export { typeOfName } from './type-name.ts';
