import { toFarcallError } from '../../shared/errors/index.ts';
import { type Logger, logRefusal } from '../log/index.ts';

/** What the log says about a call; the caller is known once authenticated. */
export interface CallLogEntry {
  readonly method: string;
  caller?: string;
}

/** Runs `answer` and logs how it went. Throws what it throws, as a FarcallError. */
export async function withCallLog<T>(log: Logger, about: CallLogEntry, answer: () => Promise<T>): Promise<T> {
  try {
    const result = await answer();
    log.debug(about, 'call answered');
    return result;
  } catch (thrown) {
    const error = toFarcallError(thrown);
    logRefusal(log, about, error, 'call refused');
    throw error;
  }
}
