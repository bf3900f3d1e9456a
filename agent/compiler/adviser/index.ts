export type { Adviser, AdviserInput, KernelFunction, ProgramAdvice } from './adviser.ts';
export { openAdviser } from './open-adviser.ts';
