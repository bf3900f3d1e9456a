export { type CompletionPosition, complete } from './complete.ts';
export { KernelIndex } from './kernel-index.ts';
