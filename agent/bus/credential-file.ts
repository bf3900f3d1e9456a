import { readFileSync } from 'node:fs';
import { writePrivateFile } from '../../shared/files/index.ts';
import type { CredentialFile } from './credential-renewer.ts';

/** The credential in the file `path`, which the agent replaces with newer ones. */
export function credentialFile(path: string): CredentialFile {
  return {
    read: () => readFileSync(path, 'utf8').trim(),
    write: credential => writePrivateFile(path, `${credential}\n`),
  };
}
