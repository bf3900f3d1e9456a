import { FarcallError } from '../../../../shared/errors/index.ts';

/** What came of some work: its value, or the error that it is allowed to end with. */
export type Outcome<T> =
  | { readonly value: T; readonly error: undefined }
  | { readonly value: undefined; readonly error: FarcallError };

/**
 * Far more than any input within the limits needs; what takes longer hangs, or grows with the wrong power.
 */
const HANG_MS = 1000;

/**
 * Runs `work` on hostile input. Every exception but a FarcallError goes on, and so does an answer that took
 * too long.
 */
export function guarded<T>(work: () => T): Outcome<T> {
  // Time on the processor: a busy machine makes nothing hang.
  const start = process.cpuUsage();
  const outcome = attempt(work);
  const { user, system } = process.cpuUsage(start);
  const tookMs = (user + system) / 1000;
  if (tookMs > HANG_MS) throw new Error(`it took ${Math.round(tookMs)} ms`);
  return outcome;
}

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { value: work(), error: undefined };
  } catch (error) {
    if (error instanceof FarcallError) return { value: undefined, error };
    throw error;
  }
}

/** The FarcallError that `work` must end with. */
export function failureOf(work: () => unknown): FarcallError {
  const { error } = guarded(work);
  if (error) return error;
  throw new Error('there was no error');
}
