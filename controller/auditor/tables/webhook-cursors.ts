import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/**
 * How far webhooks were told. The log says nothing of it: anyone who can write to the database can keep
 * events from being sent, or have them sent again. A cursor that is ahead of the log is one way to keep them
 * all from it.
 */
export const webhookCursorsCheck: TableCheck<Schema['webhook_cursors']> = {
  keyOf: ({ name }) => [name],
  recorded: 'none',
  async check({ seq }, { source }, report) {
    if (seq > 0 && !(await source.hashAt(seq))) report('content', `the log has no entry ${seq}`);
  },
};
