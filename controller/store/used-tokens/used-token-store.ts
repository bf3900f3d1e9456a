import type { Database } from '../core/index.ts';

/** A token, named by its signer and its id (`jti`). */
export interface UsedToken {
  readonly signer: string;
  readonly jti: string;
  readonly issuedAtS: number;
}

/** Which operator tokens were used, at whichever controller. */
export interface UsedTokenStore {
  /**
   * Remembers `token` as used; false if it was used before. Forgets those that were issued before
   * `forgetBeforeS`.
   */
  use(token: UsedToken, forgetBeforeS: number): Promise<boolean>;
  /** Whether `token` is remembered as used; remembers nothing. */
  isUsed(token: Pick<UsedToken, 'signer' | 'jti'>): Promise<boolean>;
}

/**
 * The part of the store about used tokens. A row without a valid MAC counts here all the same: somebody who
 * spoils the MAC of a used token must not make it one that can be used again.
 */
export function usedTokenStoreOn(database: Database): UsedTokenStore {
  const { macs } = database;
  return {
    isUsed: ({ signer, jti }) =>
      database.read(async db => {
        const known = db.selectFrom('used_tokens').select('jti').where('signer', '=', signer);
        return (await known.where('jti', '=', jti).executeTakeFirst()) !== undefined;
      }),
    use: ({ signer, jti, issuedAtS }, forgetBeforeS) =>
      database.transact(({ trx }) =>
        macs.edit(trx, 'used_tokens', async edit => {
          const old = trx.deleteFrom('used_tokens').where('issued_at_s', '<', forgetBeforeS);
          edit.removed(...(await old.returningAll().execute()));
          const row = macs.sign('used_tokens', { signer, jti, issued_at_s: issuedAtS });
          const { numInsertedOrUpdatedRows } = await trx
            .insertInto('used_tokens')
            .values(row)
            .onConflict(conflict => conflict.columns(['signer', 'jti']).doNothing())
            .executeTakeFirstOrThrow();
          if ((numInsertedOrUpdatedRows ?? 0n) === 0n) return false;
          edit.added(row);
          return true;
        }),
      ),
  };
}
