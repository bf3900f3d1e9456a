import { FarcallError, reasonOf } from '../../shared/errors/index.ts';
import { replaceFile } from '../../shared/files/index.ts';

/** Puts `text` into the file `path` as {@link replaceFile} does. Throws STORE_FAILED. */
export function writeTrustFile(path: string, text: string): void {
  try {
    replaceFile(path, text);
  } catch (cause) {
    throw new FarcallError('STORE_FAILED', `${path} cannot be written: ${reasonOf(cause)}`, { cause });
  }
}
