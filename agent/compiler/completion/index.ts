export { type CompletionPlace, complete } from './complete.ts';
export { KernelIndex } from './kernel-index.ts';
