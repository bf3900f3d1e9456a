import { readFileSync } from 'node:fs';
import type { CredentialFile } from '../bus/index.ts';
import { writePrivateFile } from './private-file.ts';

/** The credential in the file `path`, which the agent replaces by newer ones. */
export function credentialFile(path: string): CredentialFile {
  return {
    read: () => readFileSync(path, 'utf8').trim(),
    write: credential => writePrivateFile(path, `${credential}\n`),
  };
}
