import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/** The store's id: the hash chain begins with it, so another id shows as a break at the first entry. */
export const storeIdentityCheck: TableCheck<Schema['store_identity']> = {
  keyOf: ({ singleton }) => [singleton],
  recorded: 'none',
  check({ singleton, id }, _context, report) {
    if (singleton !== 1) report('content', 'its row is not the first');
    if (!/^[0-9a-f]{32}$/.test(id)) report('content', 'it is not the id of a store');
  },
};
