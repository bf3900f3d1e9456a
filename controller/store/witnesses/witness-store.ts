import { FarcallError } from '../../../shared/errors/index.ts';
import type { Change, Database } from '../core/index.ts';

/** A witness's statement that was verified. */
export interface NewStatement {
  readonly witness: string;
  /** Number of the entry up to which they have verified the log. */
  readonly seq: number;
  /** Hash of that entry, as they have seen it. */
  readonly hash: Uint8Array;
  /** The statement itself: farcall-witness+jwt, compact. */
  readonly token: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** The statements of witnesses, which are entries of the log. */
export interface WitnessStore {
  /**
   * Adds a statement. False if it is this witness's last one, once more. Throws AUDIT_CONTRADICTED if the log
   * has no such entry or another one, CONFLICT if the same witness has been further.
   */
  add(statement: NewStatement): Promise<boolean>;
  /** When a witness last made a statement; undefined if none has. */
  lastMs(): Promise<number | undefined>;
}

/** The part of the store about witnesses. */
export function witnessStoreOn(database: Database): WitnessStore {
  return {
    add: statement => database.change(change => add(change, statement)),
    lastMs: () =>
      database.read(async db => {
        const newest = db.selectFrom('audit').select('at_ms').where('kind', '=', 'log-witnessed');
        const last = await newest.orderBy('seq', 'desc').limit(1).executeTakeFirst();
        return last && Number(last.at_ms);
      }),
  };
}

/**
 * Threat: somebody sends an older statement of a witness again, or many of them, so that it looks as if the
 * witness had not come any further, and the log grows. A witness only goes forward.
 */
async function add({ trx, audit }: Change, statement: NewStatement): Promise<boolean> {
  const { witness, seq, hash, token, trustVersion } = statement;
  const entry = await trx.selectFrom('audit').select('hash').where('seq', '=', seq).executeTakeFirst();
  const contradicted = (problem: string): FarcallError =>
    new FarcallError('AUDIT_CONTRADICTED', `${witness} has witnessed entry ${seq}: ${problem}`);
  if (!entry) throw contradicted('the log was cut, or an old copy restored');
  if (Buffer.compare(entry.hash, hash) !== 0) throw contradicted('the log was rewritten');
  const last = await trx
    .selectFrom('audit')
    .select('detail')
    .where('kind', '=', 'log-witnessed')
    .where('actor', '=', witness)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const before = last && (JSON.parse(last.detail) as { readonly seq: number; readonly statement: string });
  if (before?.statement === token) return false;
  if (before && before.seq >= seq)
    throw new FarcallError('CONFLICT', `${witness} has witnessed the log up to entry ${before.seq} already`);
  const detail = { seq, hash: Buffer.from(hash).toString('hex'), statement: token, trust: trustVersion };
  await audit({ kind: 'log-witnessed', actor: witness, detail });
  return true;
}
