import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/**
 * Which tokens were used is forgotten after an hour or so, and nothing follows from it: nothing holds these
 * rows.
 */
export const usedTokensCheck: TableCheck<Schema['used_tokens']> = {
  keyOf: ({ signer, jti }) => [signer, jti],
  recorded: 'none',
  check: () => undefined,
};
