export { appendToken, lastTokenIn, readTokenFile } from './token-file.ts';
