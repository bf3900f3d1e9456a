import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';
import { rowsDigest, type StatedRows } from './results.ts';

/**
 * The rows of a result: those that the bytes have which the host signed. The check of results, which runs
 * before, has read them there.
 */
export const resultRowsCheck: TableCheck<Schema['result_rows']> = {
  keyOf: ({ request_id, host, attempt }) => [request_id, host, attempt],
  recorded: 'every',
  check({ request_id, host, attempt, ...row }, { replay }, report) {
    const stated = replay.get<StatedRows>(['result_rows', request_id, host, attempt]);
    if (stated && stated.digest !== rowsDigest(row))
      report('content', 'reports show other rows than the result has');
  },
};
