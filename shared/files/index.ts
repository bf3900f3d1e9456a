export { writePrivateFile } from './private-file.ts';
export { type ReplaceFileOptions, replaceFile, syncDirectory } from './replace-file.ts';
export { readSecret, readSecretText } from './secret-file.ts';
export { checkUnshared } from './unshared-path.ts';
