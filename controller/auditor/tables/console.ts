import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/**
 * Who is signed in ends after hours, and nothing that is approved or run follows from it: nothing holds these
 * rows.
 */
export const consoleSessionsCheck: TableCheck<Schema['console_sessions']> = {
  keyOf: ({ id }) => [id],
  recorded: 'none',
  check: () => undefined,
};

/** What is to be brought back within minutes; nothing holds these rows either. */
export const consoleTicketsCheck: TableCheck<Schema['console_tickets']> = {
  keyOf: ({ id }) => [id],
  recorded: 'none',
  check: () => undefined,
};
