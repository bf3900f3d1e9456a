export { exitOnOutputError, type OutputStream } from './exit-on-output-error.ts';
