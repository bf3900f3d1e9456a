export { writePrivateFile } from './private-file.ts';
export { readSecret } from './secret-file.ts';
