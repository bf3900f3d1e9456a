import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/**
 * Cursors of webhooks and sinks. The log does not record them; their MACs say that a controller wrote them. A
 * cursor ahead of the log keeps everything from being sent, so that is a finding in any case.
 */
export const logCursorsCheck: TableCheck<Schema['log_cursors']> = {
  keyOf: ({ name }) => [name],
  recorded: 'none',
  async check({ seq }, { source }, report) {
    if (seq > 0 && !(await source.hashAt(seq))) report('content', `the log has no entry ${seq}`);
  },
};
