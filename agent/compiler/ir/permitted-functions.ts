import type { FunctionType } from '../ctype/index.ts';
import type { CallTarget } from './ir.ts';

/** A function that a pointer may hold. */
export interface PermittedFunction extends CallTarget {
  /** The module that holds it; undefined for the kernel itself. */
  readonly module: string | undefined;
}

/**
 * The functions of this kernel that may be called through a pointer to a function of `prototype`: exactly
 * that prototype, and permitted by the host's policy.
 */
export type PermittedFunctions = (prototype: FunctionType) => readonly PermittedFunction[];

/** Nothing may be called through a pointer, unless the program names it. */
export const NONE_PERMITTED: PermittedFunctions = () => [];
