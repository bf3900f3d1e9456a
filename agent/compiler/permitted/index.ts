export { type MayCall, type PermittedInput, permittedFunctions } from './find-permitted.ts';
