export { CheckContext } from './check-context.ts';
export type { Warning } from './diagnostics.ts';
export { ErrorRecovery } from './error-recovery.ts';
export type { Binding, Scope } from './scope.ts';
