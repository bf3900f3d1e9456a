import { FarcallError } from '../../../../shared/errors/index.ts';

/** What `make` gives, or the FarcallError that it throws; anything else thrown goes on. For fuzzing. */
export function valueOrError<T>(make: () => T): T | FarcallError {
  try {
    return make();
  } catch (thrown) {
    if (thrown instanceof FarcallError && thrown.code !== 'INTERNAL') return thrown;
    throw thrown;
  }
}
