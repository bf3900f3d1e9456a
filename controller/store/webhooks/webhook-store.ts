import type { AuditKind, Database, PlainTransaction } from '../core/index.ts';
import { type HeldLease, requireLease } from '../leases/index.ts';
import type { AuditTable } from '../schema/index.ts';

/** Which entries of the log a webhook is sent. */
export interface EventsFilter {
  readonly kinds: readonly AuditKind[];
  /** Entries behind this one, and none behind that. */
  readonly afterSeq: number;
  readonly upToSeq: number;
  readonly limit: number;
}

/** A webhook has taken all entries up to `seq`, or they were given up. */
export interface CursorMove {
  readonly name: string;
  readonly seq: number;
  /** Of anyone who sends for all controllers. */
  readonly lease: HeldLease;
}

/** How far each webhook has read the audit log: the log is the queue, and this is the cursor in it. */
export interface WebhookStore {
  /** Number of the last entry that was sent to the webhook; for a new webhook, the end of the log. */
  cursorOf(name: string): Promise<number>;
  /** Moves it forward, never back. Throws LEASE_LOST if another controller sends by now. */
  move(to: CursorMove): Promise<void>;
  /** Entries in their order. */
  events(filter: EventsFilter): Promise<readonly AuditTable[]>;
}

/** The part of the store about webhooks. */
export function webhookStoreOn(database: Database): WebhookStore {
  return {
    cursorOf: name => database.transact(transact => cursorOf(transact, name)),
    move: ({ name, seq, lease }) =>
      database.transact(async transact => {
        await requireLease(transact, lease);
        const update = transact.trx.updateTable('webhook_cursors').set({ seq });
        await update.where('name', '=', name).where('seq', '<', seq).execute();
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

async function cursorOf({ trx }: PlainTransaction, name: string): Promise<number> {
  const query = trx.selectFrom('webhook_cursors').select('seq').where('name', '=', name);
  const known = await query.executeTakeFirst();
  if (known) return known.seq;
  const last = await trx.selectFrom('audit').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  const seq = last?.seq ?? 0;
  await trx
    .insertInto('webhook_cursors')
    .values({ name, seq })
    .onConflict(conflict => conflict.column('name').doNothing())
    .execute();
  return seq;
}
