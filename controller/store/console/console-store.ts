import type { Kysely } from 'kysely';
import type { Change, Database, PlainTransaction } from '../core/index.ts';
import type { ConsoleSessionsTable, Schema, SignInMethod } from '../schema/index.ts';

/** Somebody who is signed in at the console. */
export interface ConsoleSession {
  /** SHA-256 of what the browser holds, in hex. */
  readonly id: string;
  readonly person: string;
  /** The key that was used to sign in; after OpenID Connect, the key of the person who signed in. */
  readonly kid: string;
  readonly signInMethod: SignInMethod;
  readonly usedAtMs: number;
  /** After this moment it counts no more, however often it is used. */
  readonly endsAtMs: number;
}

/**
 * Something that is handed out to be brought back once: a challenge, the code of `farcall console`, a way to
 * a provider of identities.
 */
export interface ConsoleTicket {
  /** SHA-256 of the secret, in hex. */
  readonly id: string;
  readonly kind: 'challenge' | 'registration' | 'code' | 'oidc';
  /** Of a code: who asked for it, by which key. Empty for the others. */
  readonly person: string;
  readonly kid: string;
  readonly endsAtMs: number;
}

/**
 * Who is signed in at the console, at whichever controller. Outside of the audit but for signing in: nothing
 * that is approved or run rests on it.
 */
export interface ConsoleStore {
  /** Keeps a ticket, and forgets those that are over. */
  issue(ticket: ConsoleTicket): Promise<void>;
  /** Takes a ticket back; undefined if there is none of this kind, it was taken, or is over. */
  redeem(id: string, kind: ConsoleTicket['kind'], nowMs: number): Promise<ConsoleTicket | undefined>;
  /** Keeps a session, with an entry in the audit log. Forgets those that are over. */
  open(session: ConsoleSession): Promise<void>;
  find(id: string): Promise<ConsoleSession | undefined>;
  /** Remembers that it was used. */
  used(id: string, nowMs: number): Promise<void>;
  end(id: string): Promise<void>;
}

/**
 * The part of the store about the console.
 *
 * Threat: somebody who can write to the database makes themselves a session or a code. Each row carries a
 * MAC, and a row without a valid one is nobody's.
 */
export function consoleStoreOn(database: Database): ConsoleStore {
  const { macs } = database;
  return {
    issue: ticket => database.transact(transaction => issue(transaction, ticket)),
    redeem: (id, kind, nowMs) =>
      database.transact(({ trx }) =>
        macs.edit(trx, 'console_tickets', async edit => {
          const row = await trx
            .deleteFrom('console_tickets')
            .where('id', '=', id)
            .where('kind', '=', kind)
            .returningAll()
            .executeTakeFirst();
          const ticket = macs.genuineRow('console_tickets', row);
          if (!ticket) return undefined;
          edit.removed(ticket);
          if (ticket.ends_at_ms < nowMs) return undefined;
          return { id, kind, person: ticket.person, kid: ticket.kid, endsAtMs: ticket.ends_at_ms };
        }),
      ),
    open: session => database.change(change => open(change, session)),
    find: id =>
      database.read(async db => {
        const row = macs.genuineRow('console_sessions', await sessionRow(db, id));
        return row && sessionOf(row);
      }),
    used: (id, nowMs) => database.transact(transaction => used(transaction, id, nowMs)),
    end: id =>
      database.transact(({ trx }) =>
        macs.edit(trx, 'console_sessions', async edit => {
          const gone = trx.deleteFrom('console_sessions').where('id', '=', id);
          edit.removed(...(await gone.returningAll().execute()));
        }),
      ),
  };
}

function sessionRow(db: Kysely<Schema>, id: string): Promise<ConsoleSessionsTable | undefined> {
  return db.selectFrom('console_sessions').selectAll().where('id', '=', id).executeTakeFirst();
}

async function issue({ trx, macs, nowMs }: PlainTransaction, ticket: ConsoleTicket): Promise<void> {
  const { id, kind, person, kid, endsAtMs } = ticket;
  const row = macs.sign('console_tickets', { id, kind, person, kid, ends_at_ms: endsAtMs });
  await macs.edit(trx, 'console_tickets', async edit => {
    const over = trx.deleteFrom('console_tickets').where('ends_at_ms', '<', nowMs);
    edit.removed(...(await over.returningAll().execute()));
    await trx.insertInto('console_tickets').values(row).execute();
    edit.added(row);
  });
}

async function open(change: Change, session: ConsoleSession): Promise<void> {
  const { trx, macs, nowMs } = change;
  const { id, person, kid, signInMethod, usedAtMs, endsAtMs } = session;
  const times = { used_at_ms: usedAtMs, ends_at_ms: endsAtMs };
  const row = macs.sign('console_sessions', { id, person, kid, sign_in_method: signInMethod, ...times });
  await macs.edit(trx, 'console_sessions', async edit => {
    const over = trx.deleteFrom('console_sessions').where('ends_at_ms', '<', nowMs);
    edit.removed(...(await over.returningAll().execute()));
    await trx.insertInto('console_sessions').values(row).execute();
    edit.added(row);
  });
  await change.audit({ kind: 'console-signed-in', actor: person, detail: { kid, signInMethod } });
}

async function used({ trx, macs }: PlainTransaction, id: string, nowMs: number): Promise<void> {
  await macs.edit(trx, 'console_sessions', async edit => {
    const before = macs.genuineRow('console_sessions', await sessionRow(trx, id));
    if (!before) return;
    const { mac: _mac, ...rest } = before;
    const after = macs.sign('console_sessions', { ...rest, used_at_ms: nowMs });
    await trx.updateTable('console_sessions').set(after).where('id', '=', id).execute();
    edit.removed(before);
    edit.added(after);
  });
}

function sessionOf(row: ConsoleSessionsTable): ConsoleSession {
  const { id, person, kid, sign_in_method: signInMethod, used_at_ms: usedAtMs, ends_at_ms: endsAtMs } = row;
  return { id, person, kid, signInMethod, usedAtMs, endsAtMs };
}
