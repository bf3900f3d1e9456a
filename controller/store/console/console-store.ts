import type { Change, Database } from '../core/index.ts';
import type { ConsoleSessionsTable, SignInMethod } from '../schema/index.ts';

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

/** The part of the store about the console. */
export function consoleStoreOn(database: Database): ConsoleStore {
  return {
    issue: ({ id, kind, person, kid, endsAtMs }) =>
      database.transact(async ({ trx, nowMs }) => {
        await trx.deleteFrom('console_tickets').where('ends_at_ms', '<', nowMs).execute();
        await trx
          .insertInto('console_tickets')
          .values({ id, kind, person, kid, ends_at_ms: endsAtMs })
          .execute();
      }),
    redeem: (id, kind, nowMs) =>
      database.transact(async ({ trx }) => {
        const row = await trx
          .deleteFrom('console_tickets')
          .where('id', '=', id)
          .where('kind', '=', kind)
          .returningAll()
          .executeTakeFirst();
        if (!row || row.ends_at_ms < nowMs) return undefined;
        return { id, kind, person: row.person, kid: row.kid, endsAtMs: row.ends_at_ms };
      }),
    open: session => database.change(change => open(change, session)),
    find: id =>
      database.read(async db => {
        const row = await db
          .selectFrom('console_sessions')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirst();
        return row && sessionOf(row);
      }),
    used: (id, nowMs) =>
      database.transact(async ({ trx }) => {
        await trx.updateTable('console_sessions').set({ used_at_ms: nowMs }).where('id', '=', id).execute();
      }),
    end: id =>
      database.transact(async ({ trx }) => {
        await trx.deleteFrom('console_sessions').where('id', '=', id).execute();
      }),
  };
}

async function open(change: Change, session: ConsoleSession): Promise<void> {
  const { trx, nowMs } = change;
  const { id, person, kid, signInMethod, usedAtMs, endsAtMs } = session;
  await trx.deleteFrom('console_sessions').where('ends_at_ms', '<', nowMs).execute();
  await trx
    .insertInto('console_sessions')
    .values({ id, person, kid, sign_in_method: signInMethod, used_at_ms: usedAtMs, ends_at_ms: endsAtMs })
    .execute();
  await change.audit({ kind: 'console-signed-in', actor: person, detail: { kid, signInMethod } });
}

function sessionOf(row: ConsoleSessionsTable): ConsoleSession {
  const { id, person, kid, sign_in_method: signInMethod, used_at_ms: usedAtMs, ends_at_ms: endsAtMs } = row;
  return { id, person, kid, signInMethod, usedAtMs, endsAtMs };
}
