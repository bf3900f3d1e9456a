import { FarcallError } from '../../../shared/errors/index.ts';
import type { HoldReason } from '../../../shared/messages/index.ts';
import type { Change, Database, PlainTransaction } from '../core/index.ts';
import type { HostJournalsTable } from '../schema/index.ts';

/** How far a host says that its journal has come. */
export interface JournalReport {
  readonly host: string;
  /** Random name of the time since the host connected, in base64url. */
  readonly incarnation: string;
  readonly sequence: number;
  readonly head: Uint8Array;
  /** When the host said so, by its own clock. */
  readonly observedAtMs: number;
}

/** A report by a host that wants to be admitted, signed with the key `kid`. */
export interface JournalStatement extends JournalReport {
  readonly kid: string;
}

/** Whether an incarnation of a host may run orders. */
export type JournalVerdict =
  | {
      readonly effect: 'admitted';
      /** When a person let the host go on after it was held; absent if it never was. */
      readonly acceptedAtMs?: number | undefined;
    }
  /** Since when, and whether this statement was the reason. */
  | { readonly effect: 'held'; readonly why: HoldReason; readonly sinceMs: number; readonly newly: boolean }
  /** A later statement of the host is known already. */
  | { readonly effect: 'older'; readonly knownMs: number };

/** A host that gets no orders. */
export interface HeldHost {
  readonly host: string;
  readonly why: HoldReason;
}

/** How far the journals of hosts have come, and which hosts are held. */
export interface HostJournalStore {
  /** Decides whether an incarnation of a host may run orders, and remembers how far its journal has come. */
  admit(statement: JournalStatement): Promise<JournalVerdict>;
  /**
   * Remembers how far journals have come since. Resolves to the hosts that are held from now on: an
   * incarnation spoke that a later one had replaced.
   */
  advance(reports: readonly JournalReport[]): Promise<readonly HeldHost[]>;
  /** Lets a held host go on; resolves to the time of that. Throws NOT_FOUND if it is not held. */
  accept(acceptance: HostAcceptance): Promise<number>;
  /** All held hosts. */
  held(): Promise<readonly HeldHost[]>;
}

/** A person's decision that a held host may go on. */
export interface HostAcceptance {
  readonly host: string;
  readonly reason: string;
  readonly actor: string;
}

/** Well below the 32,766 values that SQLite takes in one statement. */
const ROWS_PER_STATEMENT = 1000;

/** The part of the store about hosts' journals. */
export function hostJournalStoreOn(database: Database): HostJournalStore {
  return {
    admit: statement => database.change(change => admit(change, statement)),
    async advance(reports) {
      const replaced: JournalReport[] = [];
      for (let from = 0; from < reports.length; from += ROWS_PER_STATEMENT) {
        const some = reports.slice(from, from + ROWS_PER_STATEMENT);
        await database.transact(async transaction => {
          replaced.push(...(await advance(transaction, some)));
        });
      }
      const held: HeldHost[] = [];
      for (const report of replaced)
        if (await database.change(change => holdReplaced(change, report)))
          held.push({ host: report.host, why: 'exists-twice' });
      return held;
    },
    accept: acceptance => database.change(change => accept(change, acceptance)),
    held: () =>
      database.read(async db => {
        const rows = await db
          .selectFrom('host_journals')
          .innerJoin('host_keys', join =>
            join
              .onRef('host_keys.host', '=', 'host_journals.host')
              .onRef('host_keys.kid', '=', 'host_journals.kid'),
          )
          .where('ended_at_ms', 'is', null)
          .select(['host_journals.host', 'hold'])
          .where('hold', 'is not', null)
          .orderBy('host_journals.host')
          .execute();
        return rows.flatMap(({ host, hold }) => (hold === null ? [] : [{ host, why: hold }]));
      }),
  };
}

/**
 * Threats:
 * - The disk of a host is put back: its sequence is lower than the one that is known here.
 * - A machine is copied: two histories with one sequence have different heads; or the incarnation with the
 *   shorter history comes second, and its sequence is lower.
 * - An old statement is sent again, or overtaken by a newer one: statements of one host are in the order of
 *   their times, so an older one changes nothing and admits nobody. A host whose clock was set back waits
 *   until it is past the last time that it named.
 *
 * An incarnation that was replaced and goes on speaking is noticed by {@link advance}.
 */
async function admit(change: Change, statement: JournalStatement): Promise<JournalVerdict> {
  const { trx, nowMs } = change;
  const { host, kid, incarnation } = statement;
  const known = await rowOf(trx, host);
  if (known?.kid !== kid) {
    await replaceRow(trx, { ...rowFor(statement), hold: null, hold_since_ms: null, accepted_at_ms: null });
    return { effect: 'admitted' };
  }
  if (known.hold !== null)
    return { effect: 'held', why: known.hold, sinceMs: known.hold_since_ms ?? nowMs, newly: false };
  const acceptedAtMs = known.accepted_at_ms ?? undefined;
  if (statement.observedAtMs <= known.observed_at_ms)
    return known.incarnation === incarnation
      ? { effect: 'admitted', acceptedAtMs }
      : { effect: 'older', knownMs: known.observed_at_ms };
  const why = holdReason(known, statement);
  if (why !== undefined) {
    await hold(change, { host, kid, why, known: known.sequence, reported: statement.sequence });
    return { effect: 'held', why, sinceMs: nowMs, newly: true };
  }
  await trx.updateTable('host_journals').set(rowFor(statement)).where('host', '=', host).execute();
  return { effect: 'admitted', acceptedAtMs };
}

/** After a person has accepted a host, `incarnation` is empty: whatever it says next is where it begins. */
function holdReason(known: HostJournalsTable, said: JournalStatement): HoldReason | undefined {
  if (known.incarnation === '') return undefined;
  if (said.sequence < known.sequence) return 'went-back';
  const isSame = Buffer.compare(known.head, said.head) === 0;
  return said.sequence === known.sequence && !isSame ? 'exists-twice' : undefined;
}

/** Resolves to the reports of incarnations that a later one has replaced. */
async function advance(
  { trx }: PlainTransaction,
  reports: readonly JournalReport[],
): Promise<readonly JournalReport[]> {
  const hosts = reports.map(({ host }) => host);
  const rows = await trx.selectFrom('host_journals').selectAll().where('host', 'in', hosts).execute();
  const known = new Map(rows.map(row => [row.host, row]));
  const replaced: JournalReport[] = [];
  for (const report of reports) {
    const row = known.get(report.host);
    if (!row || row.hold !== null || row.incarnation === '') continue;
    if (isReplaced(row, report)) replaced.push(report);
    const { host, incarnation, sequence, head } = report;
    if (row.incarnation !== incarnation || sequence <= row.sequence) continue;
    await trx
      .updateTable('host_journals')
      .set({ sequence, head: Buffer.from(head) })
      .where('host', '=', host)
      .where('incarnation', '=', incarnation)
      .where('sequence', '<', sequence)
      .execute();
  }
  return replaced;
}

/** Threat: two machines have one key and one journal; each is admitted, and each goes on. */
function isReplaced(row: HostJournalsTable, report: JournalReport): boolean {
  return row.incarnation !== report.incarnation && report.observedAtMs > row.observed_at_ms;
}

/** Whether the host is held from now on. */
async function holdReplaced(change: Change, report: JournalReport): Promise<boolean> {
  const row = await rowOf(change.trx, report.host);
  if (!row || row.hold !== null || row.incarnation === '' || !isReplaced(row, report)) return false;
  const { host, kid, sequence: known } = row;
  await hold(change, { host, kid, why: 'exists-twice', known, reported: report.sequence });
  return true;
}

interface NewHold {
  readonly host: string;
  readonly kid: string;
  readonly why: HoldReason;
  readonly known: number;
  readonly reported: number;
}

async function hold(change: Change, { host, kid, why, known, reported }: NewHold): Promise<void> {
  await change.trx
    .updateTable('host_journals')
    .set({ hold: why, hold_since_ms: change.nowMs })
    .where('host', '=', host)
    .execute();
  await change.audit({ kind: 'host-held', actor: 'controller', host, detail: { kid, why, known, reported } });
}

async function accept(change: Change, { host, reason, actor }: HostAcceptance): Promise<number> {
  const row = await rowOf(change.trx, host);
  if (!row || row.hold === null)
    throw new FarcallError('NOT_FOUND', `${host} is not held; farcall hosts shows which hosts are`);
  await change.trx
    .updateTable('host_journals')
    .set({ hold: null, hold_since_ms: null, incarnation: '', accepted_at_ms: change.nowMs })
    .where('host', '=', host)
    .execute();
  await change.audit({ kind: 'host-accepted', actor, host, detail: { kid: row.kid, reason } });
  return change.nowMs;
}

async function rowOf(trx: Change['trx'], host: string): Promise<HostJournalsTable | undefined> {
  return trx.selectFrom('host_journals').selectAll().where('host', '=', host).executeTakeFirst();
}

async function replaceRow(trx: Change['trx'], row: HostJournalsTable): Promise<void> {
  await trx.deleteFrom('host_journals').where('host', '=', row.host).execute();
  await trx.insertInto('host_journals').values(row).execute();
}

function rowFor({ host, kid, incarnation, sequence, head, observedAtMs }: JournalStatement) {
  return { host, kid, incarnation, sequence, head: Buffer.from(head), observed_at_ms: observedAtMs };
}
