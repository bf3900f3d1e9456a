export type { Callee, CompiledCall } from './compiled-call.ts';
export type { KernelFacts } from './kernel-facts.ts';
export type { LoadOutcome, LoadReport } from './load-report.ts';
