import { sql } from 'kysely';
import type { LockKind } from '../../../shared/messages/index.ts';
import type { PlainTransaction } from '../core/index.ts';
import type { MacReader } from '../hosts/index.ts';
import type { ControllerLoginsTable, HostKeysTable } from '../schema/index.ts';
import { detailOf } from './detail-of.ts';
import type { Locked } from './lock-store.ts';

/** Later than any credential that is issued. */
const ANY_TIME_S = 253_402_300_799;

/** Remembers the public nkey with which a controller logs in. */
export async function rememberLogin(
  { trx, macs, nowMs }: PlainTransaction,
  controller: string,
  nkey: string,
): Promise<void> {
  const row = macs.sign('controller_logins', { controller, nkey, first_seen_ms: nowMs });
  await macs.edit(trx, 'controller_logins', async edit => {
    const stored = await trx
      .selectFrom('controller_logins')
      .selectAll()
      .where('controller', '=', controller)
      .where('nkey', '=', nkey)
      .executeTakeFirst();
    if (macs.genuineRow('controller_logins', stored)) return;
    await trx
      .insertInto('controller_logins')
      .values(row)
      .onConflict(conflict => conflict.columns(['controller', 'nkey']).doUpdateSet(row))
      .execute();
    edit.added(row);
  });
}

/**
 * The logins that the broker must refuse; see `LockStore`.
 *
 * Threat: somebody who can write to the database says that a login is that of a locked controller or of a
 * removed host, so that the broker refuses it; or says so of more logins than the broker can be told. A login
 * without a valid MAC is nobody's.
 */
export async function revokedLogins(
  reader: MacReader,
  endedAfterMs: number,
  locked: readonly Locked[],
): Promise<ReadonlyMap<string, number>> {
  const { trx: db, macs } = reader;
  const ended = await db
    .selectFrom('host_keys as gone')
    .selectAll('gone')
    .where('gone.ended_at_ms', '>', endedAfterMs)
    // A machine that was enrolled again may have kept its nkey.
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('host_keys as active')
            .select(sql<number>`1`.as('one'))
            .whereRef('active.nkey', '=', 'gone.nkey')
            .where('active.ended_at_ms', 'is', null),
        ),
      ),
    )
    .execute();
  const isLocked = lockedNames(locked);
  const hosts = await genuineHosts(reader, [...isLocked('host')], 'host');
  const controllers = await genuineControllers(reader, [...isLocked('controller')], 'controller');
  return new Map([
    ...macs
      .genuine('host_keys', ended)
      .map(({ nkey, ended_at_ms }) => [nkey, Math.floor(Number(ended_at_ms) / 1000) + 1] as const),
    ...[...hosts, ...controllers].map(({ nkey }) => [nkey, ANY_TIME_S] as const),
  ]);
}

/**
 * Those of `nkeys` that may log in; see `LockStore`.
 *
 * Threat: somebody who can write to the database changes or removes the rows by which a login is refused, or
 * puts the row of a removed host back as it was, with its MAC; then the thief of a credential, or a machine
 * that was removed, is back. What the broker refuses, it goes on refusing, unless a genuine row says whose
 * the login is, that host or controller is not locked, and the audit log says that the host was enrolled with
 * it and not removed since.
 */
export async function freeLogins(
  reader: MacReader,
  nkeys: readonly string[],
  locked: readonly Locked[],
): Promise<ReadonlySet<string>> {
  const isLocked = lockedNames(locked);
  const stored = await genuineHosts(reader, nkeys, 'nkey');
  const unlocked = stored.filter(({ host }) => !isLocked('host').has(host));
  const enrolled = await Promise.all(unlocked.map(row => isEnrolledByLog(reader, row)));
  const hosts = unlocked.filter((_, index) => enrolled[index]);
  const controllers = await genuineControllers(reader, nkeys, 'nkey');
  return new Set([
    ...hosts.map(({ nkey }) => nkey),
    ...controllers
      .filter(({ controller }) => !isLocked('controller').has(controller))
      .map(({ nkey }) => nkey),
  ]);
}

async function isEnrolledByLog(
  { trx }: MacReader,
  { host, nkey }: Pick<HostKeysTable, 'host' | 'nkey'>,
): Promise<boolean> {
  const last = await trx
    .selectFrom('audit')
    .select(['kind', 'detail'])
    .where('host', '=', host)
    .where('kind', 'in', ['host-enrolled', 'host-removed'])
    .orderBy('seq', 'desc')
    .executeTakeFirst();
  if (last?.kind !== 'host-enrolled') return false;
  return detailOf('host-enrolled', last.detail)?.nkey === nkey;
}

function lockedNames(locked: readonly Locked[]): (kind: LockKind) => ReadonlySet<string> {
  return of => new Set(locked.filter(({ kind }) => kind === of).map(({ name }) => name));
}

async function genuineHosts(
  { trx, macs }: MacReader,
  values: readonly string[],
  column: 'host' | 'nkey',
): Promise<readonly HostKeysTable[]> {
  if (values.length === 0) return [];
  const rows = trx.selectFrom('host_keys').selectAll().where('ended_at_ms', 'is', null);
  return macs.genuine('host_keys', await rows.where(column, 'in', values).execute());
}

async function genuineControllers(
  { trx, macs }: MacReader,
  values: readonly string[],
  column: 'controller' | 'nkey',
): Promise<readonly ControllerLoginsTable[]> {
  if (values.length === 0) return [];
  const rows = trx.selectFrom('controller_logins').selectAll();
  return macs.genuine('controller_logins', await rows.where(column, 'in', values).execute());
}
