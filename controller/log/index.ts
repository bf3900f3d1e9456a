export { createLogger, LOG_LEVELS, type Logger, logRefusal } from './logger.ts';
