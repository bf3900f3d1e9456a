import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';
import { compareCheckpoint } from '../replay/index.ts';

type Row = Schema['checkpoints'];

/**
 * The store's own checkpoints. The log says nothing of them: each is held by its signature. One that is
 * removed is not missed, as long as the newest is there; without that the log is uncovered.
 */
export const checkpointsCheck: TableCheck<Row> = {
  keyOf: ({ seq }) => [seq],
  recorded: 'none',
  async check({ seq, token }, context, report) {
    const claims = await compareCheckpoint(context, { token, table: 'checkpoints', key: String(seq) });
    if (claims && claims.seq !== seq) report('content', `its token is about entry ${claims.seq}`);
  },
};
