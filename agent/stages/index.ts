export type { Callee, CompiledCall } from './compiled-call.ts';
export type { KernelFacts } from './kernel-facts.ts';
export type { KernelHealth, KernelOops } from './kernel-health.ts';
export type { LoadOutcome, LoadReport } from './load-report.ts';
export { whyNoModule } from './module-loading.ts';
