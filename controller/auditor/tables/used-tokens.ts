import type { Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/**
 * Used tokens are forgotten after about an hour, and nothing depends on them, so these rows are not checked.
 */
export const usedTokensCheck: TableCheck<Schema['used_tokens']> = {
  keyOf: ({ signer, jti }) => [signer, jti],
  recorded: 'none',
  check: () => undefined,
};
