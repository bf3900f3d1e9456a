import { MAC_TABLES, type MacTableName, type Schema } from '../../store/index.ts';
import type { TableCheck } from '../replay/index.ts';

/** Sessions: a MAC in each row, and one over all of them, are the whole proof. */
export const consoleSessionsCheck: TableCheck<Schema['console_sessions']> = {
  keyOf: ({ id }) => [id],
  recorded: 'none',
  check: () => undefined,
};

/** Challenges, codes and sign-ins at a provider: the same. */
export const consoleTicketsCheck: TableCheck<Schema['console_tickets']> = {
  keyOf: ({ id }) => [id],
  recorded: 'none',
  check: () => undefined,
};

/** Used tokens: a MAC in each row, and one over all of them, are the whole proof. */
export const usedTokensCheck: TableCheck<Schema['used_tokens']> = {
  keyOf: ({ signer, jti }) => [signer, jti],
  recorded: 'none',
  check: () => undefined,
};

/** The logins of controllers, which are remembered so that a lock can name them: the same. */
export const controllerLoginsCheck: TableCheck<Schema['controller_logins']> = {
  keyOf: ({ controller, nkey }) => [controller, nkey],
  recorded: 'none',
  check: () => undefined,
};

/** The MACs of whole tables; `macComparison` compares each with the rows of its table. */
export const tableMacsCheck: TableCheck<Schema['table_macs']> = {
  keyOf: ({ name }) => [name],
  recorded: 'none',
  check({ name }, _context, report) {
    if (!MAC_TABLES.includes(name as MacTableName))
      report('unbacked', 'there is no table of that name whose rows carry a MAC');
  },
};
