import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/**
 * Sessions end after hours, and nothing that is approved or run depends on them, so these rows are not
 * checked.
 */
export const consoleSessionsCheck: TableCheck<Schema['console_sessions']> = {
  keyOf: ({ id }) => [id],
  recorded: 'none',
  check: () => undefined,
};

/** Tickets end within minutes; these rows are not checked either. */
export const consoleTicketsCheck: TableCheck<Schema['console_tickets']> = {
  keyOf: ({ id }) => [id],
  recorded: 'none',
  check: () => undefined,
};
