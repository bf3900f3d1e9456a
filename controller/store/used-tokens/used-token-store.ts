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
}

/** The part of the store about used tokens. */
export function usedTokenStoreOn(database: Database): UsedTokenStore {
  return {
    use: ({ signer, jti, issuedAtS }, forgetBeforeS) =>
      database.transact(async ({ trx }) => {
        await trx.deleteFrom('used_tokens').where('issued_at_s', '<', forgetBeforeS).execute();
        const { numInsertedOrUpdatedRows } = await trx
          .insertInto('used_tokens')
          .values({ signer, jti, issued_at_s: issuedAtS })
          .onConflict(conflict => conflict.columns(['signer', 'jti']).doNothing())
          .executeTakeFirstOrThrow();
        return (numInsertedOrUpdatedRows ?? 0n) > 0n;
      }),
  };
}
