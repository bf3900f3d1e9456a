export type { Callee, CompiledCall } from './compiled-call.ts';
export type { KernelHealth, KernelOops } from './kernel-health.ts';
export type { DeniedCaller, DenyCounts, DenyLayout, KernelProbes } from './kernel-probes.ts';
export type { LoadOutcome, LoadReport } from './load-report.ts';
export { moduleLoadingProblem } from './module-loading-problem.ts';
export type { ReportedKernelFacts } from './reported-kernel-facts.ts';
