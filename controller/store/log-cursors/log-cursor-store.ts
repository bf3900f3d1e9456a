import type { Kysely } from 'kysely';
import type { AuditKind, Database, PlainTransaction } from '../core/index.ts';
import { type HeldLease, requireLease } from '../leases/index.ts';
import type { AuditTable, LogCursorsTable, Schema } from '../schema/index.ts';

/** Which entries of the log a webhook is sent. */
export interface EventsFilter {
  readonly kinds: readonly AuditKind[];
  /** Entries behind this one, and none behind that. */
  readonly afterSeq: number;
  readonly upToSeq: number;
  readonly limit: number;
}

/** The reader has taken all entries up to `seq`, or they were given up. */
export interface CursorMove {
  readonly name: string;
  readonly seq: number;
  /** Of anyone who sends for all controllers. */
  readonly lease: HeldLease;
}

/** Where a reader that the store does not know yet begins. */
export type LogBeginning = 'first-entry' | 'end';

/**
 * How far each webhook, and each sink of the log, has read it: the log is the queue, and this is the cursor
 * in it.
 */
export interface LogCursorStore {
  /** Number of the last entry that was sent to the reader `name`. */
  cursorOf(name: string, beginsAt: LogBeginning): Promise<number>;
  /** Moves it forward, never back. Throws LEASE_LOST if another controller sends by now. */
  move(to: CursorMove): Promise<void>;
  /** Entries in their order. */
  events(filter: EventsFilter): Promise<readonly AuditTable[]>;
}

/** The part of the store about readers of the log. */
export function logCursorStoreOn(database: Database): LogCursorStore {
  return {
    cursorOf: (name, beginsAt) =>
      database.transact(async transaction => {
        const forNew = async (wasForged: boolean): Promise<number> => {
          const { trx, nowMs } = transaction;
          return beginsAt === 'end' ? lastEntry(trx, wasForged ? nowMs - REPEATED_MS : undefined) : 0;
        };
        return cursorOf(transaction, name, forNew);
      }),
    move: ({ name, seq, lease }) =>
      database.transact(async transaction => {
        await requireLease(transaction, lease);
        await move(transaction, name, seq);
      }),
    events: ({ kinds, afterSeq, upToSeq, limit }) =>
      database.read(db =>
        db
          .selectFrom('audit')
          .selectAll()
          .where('seq', '>', afterSeq)
          .where('seq', '<=', upToSeq)
          .where('kind', 'in', kinds)
          .orderBy('seq')
          .limit(limit)
          .execute(),
      ),
  };
}

/** How far back a webhook is sent events again whose cursor somebody has tampered with. */
const REPEATED_MS = 86_400_000;

function cursorRow(trx: Kysely<Schema>, name: string): Promise<LogCursorsTable | undefined> {
  return trx.selectFrom('log_cursors').selectAll().where('name', '=', name).executeTakeFirst();
}

async function move({ trx, macs }: PlainTransaction, name: string, seq: number): Promise<void> {
  await macs.edit(trx, 'log_cursors', async edit => {
    const before = macs.genuineRow('log_cursors', await cursorRow(trx, name));
    if (!before || before.seq >= seq) return;
    const after = macs.sign('log_cursors', { name, seq });
    await trx.updateTable('log_cursors').set(after).where('name', '=', name).execute();
    edit.removed(before);
    edit.added(after);
  });
}

/**
 * Threat: somebody who can write to the database moves a cursor ahead, so that nobody hears of what is done
 * meanwhile. A cursor without a valid MAC does not count: a webhook is sent the events of the last day again,
 * and a sink the whole log.
 */
async function cursorOf(
  { trx, macs }: PlainTransaction,
  name: string,
  forNew: (wasForged: boolean) => Promise<number>,
): Promise<number> {
  return macs.edit(trx, 'log_cursors', async edit => {
    const stored = await cursorRow(trx, name);
    const known = macs.genuineRow('log_cursors', stored);
    if (known) return known.seq;
    const seq = await forNew(stored !== undefined);
    const row = macs.sign('log_cursors', { name, seq });
    await trx
      .insertInto('log_cursors')
      .values(row)
      .onConflict(conflict => conflict.column('name').doUpdateSet({ seq, mac: row.mac }))
      .execute();
    edit.added(row);
    return seq;
  });
}

/** Number of the last entry, or of the last one that was made until then; 0 if there is none. */
async function lastEntry(trx: Kysely<Schema>, untilMs: number | undefined): Promise<number> {
  let entries = trx.selectFrom('audit').select('seq');
  if (untilMs !== undefined) entries = entries.where('at_ms', '<=', untilMs);
  return (await entries.orderBy('seq', 'desc').limit(1).executeTakeFirst())?.seq ?? 0;
}
