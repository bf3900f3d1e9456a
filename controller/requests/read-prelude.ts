import { readFileSync } from 'node:fs';
import { Prelude } from '../../agent/compiler/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';

/**
 * The prelude in `file`; undefined if none is configured. Throws CONFIG_INVALID, naming the file and what is
 * wrong in it.
 */
export function readPrelude(file: string | undefined): Prelude | undefined {
  if (file === undefined) return undefined;
  try {
    return new Prelude(readFileSync(file, 'utf8'));
  } catch (cause) {
    const { message } = toFarcallError(cause);
    throw new FarcallError('CONFIG_INVALID', `the prelude ${file}: ${message}`, { cause });
  }
}
