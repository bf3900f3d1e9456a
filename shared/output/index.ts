export { endSoon } from './end-soon.ts';
export { exitOnOutputError, type OutputStream } from './exit-on-output-error.ts';
