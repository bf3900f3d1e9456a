export { checkEffect } from './check-effect.ts';
export { type DerivedEffect, type DeriveEffects, effectToDeclare } from './effect-source.ts';
