import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

import type { FarcallError } from '../../shared/errors/index.ts';
import { toAscii } from '../../shared/json/index.ts';

export type { Logger } from 'pino';

/** From the most to the least that is logged. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const STDERR = 2;

/**
 * JSON lines on stderr. Requests and hosts are always logged under the members `request` and `host`, so that
 * one request can be followed through all parts. Tokens, keys and programs are never logged.
 *
 * Threat: a log has what hosts and people wrote, and somebody reads it in a terminal. JSON leaves C1 control
 * characters as they are, so every character that is not ASCII is escaped.
 */
export function createLogger(level: (typeof LOG_LEVELS)[number], fdOut = STDERR): Logger {
  const out = destination({ dest: fdOut, sync: true });
  // A log on a full disk must not end the controller.
  out.on('error', () => undefined);
  const ascii = { write: (line: string) => void out.write(toAscii(line)) };
  return pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, ascii);
}

/** The codes of failures of the controller itself. */
const OWN_FAILURES: readonly string[] = ['INTERNAL', 'STORE_FAILED', 'STORE_FULL'];

/**
 * Logs that somebody was refused: the code and message at level info, without a stack, since nothing is wrong
 * here. A failure of the controller itself is an error and has its stack and causes.
 */
export function logRefusal(log: Logger, about: object, error: FarcallError, what: string): void {
  if (OWN_FAILURES.includes(error.code)) log.error({ ...about, code: error.code, err: error }, what);
  else log.info({ ...about, code: error.code, reason: error.message }, what);
}
