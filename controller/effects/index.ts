export { checkEffect } from './check-effect.ts';
export {
  type DerivedEffect,
  type DeriveEffects,
  effectToDeclare,
  type ProgramOnKernels,
} from './effect-source.ts';
