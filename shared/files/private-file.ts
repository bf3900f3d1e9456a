import { FarcallError } from '../errors/index.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Writes the file `path` so that only its owner can read it (0600), complete and durable as {@link
 * replaceFile} does. Throws FILE_UNREADABLE.
 */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  try {
    replaceFile(path, content);
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `${path} cannot be written`, { cause });
  }
}
