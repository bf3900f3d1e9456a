import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';
import { compareCheckpoint } from '../replay/index.ts';

type Row = Schema['checkpoints'];

/**
 * The store's own checkpoints. The log does not record them: each is verified by its signature, and by its
 * MAC. A removed one is missing from the MAC of the table.
 */
export const checkpointsCheck: TableCheck<Row> = {
  keyOf: ({ seq }) => [seq],
  recorded: 'none',
  async check({ seq, token }, context, report) {
    const claims = await compareCheckpoint(context, { token, table: 'checkpoints', key: String(seq) });
    if (claims && claims.seq !== seq) report('content', `its token is about entry ${claims.seq}`);
  },
};
