import { FarcallError } from '../../../shared/errors/index.ts';
import type { HoldReason } from '../../../shared/messages/index.ts';
import {
  auditDigest,
  type Change,
  type Database,
  type PlainTransaction,
  type TableEdit,
  type Unsigned,
} from '../core/index.ts';
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
  /** The hold of a host. Throws NOT_FOUND if it is not held. */
  hold(host: string): Promise<HostHold>;
  /**
   * Lets a held host go on; resolves to the time of that. Throws NOT_FOUND if it is not held, or was held
   * again since.
   */
  accept(acceptance: HostAcceptance): Promise<number>;
  /** All held hosts. */
  held(): Promise<readonly HeldHost[]>;
}

/** That a host gets no orders. */
export interface HostHold {
  readonly host: string;
  /** Id of the key with which it is enrolled. */
  readonly kid: string;
  readonly sinceMs: number;
}

/** A person's decision that a held host may go on, and their signature for that, which was verified. */
export interface HostAcceptance {
  /** What it ends. */
  readonly hold: HostHold;
  readonly reason: string;
  readonly actor: string;
  readonly token: string;
  /** Who handed it in. */
  readonly submittedBy: string;
  /** Version of the trust bundle by which it was verified. */
  readonly trustVersion: number;
}

/** Well below the 32,766 values that SQLite takes in one statement. */
const ROWS_PER_STATEMENT = 1000;

/** The part of the store about hosts' journals. */
export function hostJournalStoreOn(database: Database): HostJournalStore {
  return {
    admit: statement => database.change(change => editing(change, journals => admit(journals, statement))),
    async advance(reports) {
      const replaced: JournalReport[] = [];
      for (let from = 0; from < reports.length; from += ROWS_PER_STATEMENT) {
        const some = reports.slice(from, from + ROWS_PER_STATEMENT);
        await database.transact(async transaction => {
          replaced.push(...(await editing(transaction, journals => advance(journals, some))));
        });
      }
      const held: HeldHost[] = [];
      for (const report of replaced)
        if (await database.change(change => editing(change, journals => holdReplaced(journals, report))))
          held.push({ host: report.host, why: 'exists-twice' });
      return held;
    },
    hold: host => database.transact(async transaction => holdOf(transaction, host)),
    accept: acceptance =>
      database.change(change => editing(change, journals => accept(journals, acceptance))),
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

/** Work on the table, while nobody else changes it. */
interface JournalEdit<T extends PlainTransaction = Change> {
  readonly transaction: T;
  readonly edit: TableEdit<'host_journals'>;
}

function editing<T extends PlainTransaction, R>(
  transaction: T,
  work: (journals: JournalEdit<T>) => Promise<R>,
): Promise<R> {
  return transaction.macs.edit(transaction.trx, 'host_journals', edit => work({ transaction, edit }));
}

/**
 * Threats:
 * - The disk of a host is put back: its sequence is lower than the one that is known here.
 * - A machine is copied: two histories with one sequence have different heads; or the incarnation with the
 *   shorter history comes second, and its sequence is lower.
 * - An old statement is sent again, or overtaken by a newer one: statements of one host are in the order of
 *   their times, so an older one changes nothing and admits nobody. A host whose clock was set back waits
 *   until it is past the last time that it named.
 * - Somebody who can write to the database sets back what is known here, so that a host whose disk was put
 *   back is admitted. A row without a valid MAC holds the host until a person accepts it. A removed row does
 *   not, but the table's own MAC shows it.
 *
 * An incarnation that was replaced and goes on speaking is noticed by {@link advance}.
 */
async function admit(journals: JournalEdit, statement: JournalStatement): Promise<JournalVerdict> {
  const { nowMs } = journals.transaction;
  const { host, kid, incarnation, sequence } = statement;
  const { stored, genuine: known } = await rowOf(journals.transaction, host);
  if (stored && !known) {
    await hold(journals, {
      row: { ...rowFor(statement), accepted_at_ms: null },
      why: 'record-forged',
      sequence,
    });
    return { effect: 'held', why: 'record-forged', sinceMs: nowMs, newly: true };
  }
  if (known?.kid !== kid) {
    await put(journals, { ...rowFor(statement), hold: null, hold_since_ms: null, accepted_at_ms: null });
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
    await hold(journals, { row: known, why, sequence });
    return { effect: 'held', why, sinceMs: nowMs, newly: true };
  }
  await put(journals, { ...known, ...rowFor(statement) });
  return { effect: 'admitted', acceptedAtMs };
}

/** After a person has accepted a host, `incarnation` is empty: whatever it says next is where it begins. */
function holdReason(known: JournalRow, said: JournalStatement): HoldReason | undefined {
  if (known.incarnation === '') return undefined;
  if (said.sequence < known.sequence) return 'went-back';
  const isSame = Buffer.compare(known.head, said.head) === 0;
  return said.sequence === known.sequence && !isSame ? 'exists-twice' : undefined;
}

/** Resolves to the reports of incarnations that a later one has replaced. */
async function advance(
  journals: JournalEdit<PlainTransaction>,
  reports: readonly JournalReport[],
): Promise<readonly JournalReport[]> {
  const { trx, macs } = journals.transaction;
  const hosts = reports.map(({ host }) => host);
  const rows = await trx.selectFrom('host_journals').selectAll().where('host', 'in', hosts).execute();
  const known = new Map<string, JournalRow>(macs.genuine('host_journals', rows).map(row => [row.host, row]));
  const moved = new Set<string>();
  const replaced: JournalReport[] = [];
  for (const report of reports) {
    const row = known.get(report.host);
    if (!row || row.hold !== null || row.incarnation === '') continue;
    if (isReplaced(row, report)) replaced.push(report);
    const { host, incarnation, sequence, head } = report;
    if (row.incarnation !== incarnation || sequence <= row.sequence) continue;
    known.set(host, { ...row, sequence, head: Buffer.from(head) });
    moved.add(host);
  }
  await put(journals, ...[...known.values()].filter(({ host }) => moved.has(host)));
  return replaced;
}

/** Threat: two machines have one key and one journal; each is admitted, and each goes on. */
function isReplaced(row: JournalRow, report: JournalReport): boolean {
  return row.incarnation !== report.incarnation && report.observedAtMs > row.observed_at_ms;
}

/** Whether the host is held from now on. */
async function holdReplaced(journals: JournalEdit, report: JournalReport): Promise<boolean> {
  const { genuine: row } = await rowOf(journals.transaction, report.host);
  if (!row || row.hold !== null || row.incarnation === '' || !isReplaced(row, report)) return false;
  await hold(journals, { row, why: 'exists-twice', sequence: report.sequence });
  return true;
}

interface NewHold {
  /** What is known of the journal. */
  readonly row: Omit<JournalRow, 'hold' | 'hold_since_ms'>;
  readonly why: HoldReason;
  /** What the host says. */
  readonly sequence: number;
}

async function hold(journals: JournalEdit, { row, why, sequence }: NewHold): Promise<void> {
  const { host, kid, sequence: known } = row;
  const change = journals.transaction;
  await put(journals, { ...row, hold: why, hold_since_ms: change.nowMs });
  const detail = { kid, why, known, reported: sequence };
  await change.audit({ kind: 'host-held', actor: 'controller', host, detail });
}

async function holdOf(transaction: PlainTransaction, host: string): Promise<HostHold & { row: JournalRow }> {
  const { genuine: row } = await rowOf(transaction, host);
  if (!row || row.hold === null)
    throw new FarcallError('NOT_FOUND', `${host} is not held; farcall hosts shows which hosts are`);
  return { host, kid: row.kid, sinceMs: row.hold_since_ms ?? 0, row };
}

/** Threat: a decision about one hold ends another one, which came after the person had looked. */
async function accept(journals: JournalEdit, acceptance: HostAcceptance): Promise<number> {
  const { hold: ended, reason, actor, token, submittedBy, trustVersion: trust } = acceptance;
  const { host, kid, sinceMs } = ended;
  const change = journals.transaction;
  const { row, ...now } = await holdOf(change, host);
  if (now.kid !== kid || now.sinceMs !== sinceMs)
    throw new FarcallError('NOT_FOUND', `${host} is held again since; look again`);
  await put(journals, {
    ...row,
    hold: null,
    hold_since_ms: null,
    incarnation: '',
    accepted_at_ms: change.nowMs,
  });
  await change.trx
    .insertInto('host_acceptances')
    .values({ token, host, kid, held_ms: sinceMs, actor, reason, accepted_at_ms: change.nowMs })
    .execute();
  const detail = { kid, heldMs: sinceMs, reason, submittedBy, token: auditDigest(token), trust };
  await change.audit({ kind: 'host-accepted', actor, host, detail });
  return change.nowMs;
}

type JournalRow = Unsigned<HostJournalsTable>;

async function rowOf({ trx, macs }: PlainTransaction, host: string) {
  const stored = await trx
    .selectFrom('host_journals')
    .selectAll()
    .where('host', '=', host)
    .executeTakeFirst();
  return { stored, genuine: macs.genuineRow('host_journals', stored) };
}

/** Writes each of `rows` in the place of that of its host. */
async function put(
  { transaction, edit }: JournalEdit<PlainTransaction>,
  ...rows: readonly JournalRow[]
): Promise<void> {
  if (rows.length === 0) return;
  const { trx, macs } = transaction;
  const after = rows.map(row => {
    const { mac: _before, ...columns } = row as HostJournalsTable;
    return macs.sign('host_journals', columns);
  });
  const hosts = rows.map(({ host }) => host);
  const gone = await trx.deleteFrom('host_journals').where('host', 'in', hosts).returningAll().execute();
  await trx.insertInto('host_journals').values(after).execute();
  edit.removed(...gone);
  edit.added(...after);
}

function rowFor({ host, kid, incarnation, sequence, head, observedAtMs }: JournalStatement) {
  return { host, kid, incarnation, sequence, head: Buffer.from(head), observed_at_ms: observedAtMs };
}
