export { CheckContext, type CheckEffects } from './check-context.ts';
export type { DeclaredFunction } from './declared-function.ts';
export type { Warning } from './diagnostics.ts';
export { ErrorRecovery } from './error-recovery.ts';
export { refuseFunctionName } from './kernel-function-names.ts';
export { Parameters, type ParameterValues, readParameterValues } from './parameters.ts';
export { type KernelAnswer, Questions } from './questions.ts';
export type { Binding, Scope } from './scope.ts';
