import { destination, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/** From the most to the least that is logged. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const STDERR = 2;

/**
 * JSON lines on stderr. Requests and hosts are always logged under the members `request` and `host`, so that
 * one request can be followed through all parts. Tokens, keys and programs are never logged.
 */
export function createLogger(level: (typeof LOG_LEVELS)[number], fdOut = STDERR): Logger {
  return pino(
    { level, base: null, timestamp: stdTimeFunctions.isoTime },
    destination({ dest: fdOut, sync: true }),
  );
}
