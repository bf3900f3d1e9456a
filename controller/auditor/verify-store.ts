import { reasonOf } from '../../shared/errors/index.ts';
import { splitCanonicalToken } from '../../shared/tokens/index.ts';
import type { PinnedRoots } from '../../shared/trust/index.ts';
import { readTokenFile } from '../audit/index.ts';
import {
  type AuditSource,
  isMacTable,
  MAC_TABLES,
  type MacTableName,
  openAuditSource,
  openReplayState,
  type Schema,
  type StoreKey,
  type StoreLocation,
  type TableMacsTable,
  type TableName,
} from '../store/index.ts';
import { macComparison } from './macs/index.ts';
import type { AuditFinding } from './replay/index.ts';
import {
  compareCheckpoint,
  compareStatement,
  findingReporter,
  type LogEnd,
  readTrustHistory,
  replayKey,
  replayLog,
  type TableCheck,
  type VerifyContext,
  type WitnessedPosition,
} from './replay/index.ts';
import { hostStatementVerifier } from './statements/index.ts';
import { tableChecks } from './tables/index.ts';
import { witnessedSeq, witnessList } from './witnessed.ts';

/** The store to verify, and what to verify it with. */
export interface VerifyOptions {
  readonly store: StoreLocation;
  /**
   * The roots that the controller was set up with; from these and the store's bundles follows who was trusted
   * when.
   */
  readonly roots: PinnedRoots;
  /** The key of the store's MACs. Without it, nothing says who wrote a row that the log does not tell of. */
  readonly storeKey: StoreKey | undefined;
  /** Files with checkpoints, one in a line: a controller's `checkpointFile`, or what hosts hold. */
  readonly checkpointFiles: readonly string[];
  /** Files with statements of witnesses, one in a line: what each witness keeps themselves. */
  readonly witnessFiles: readonly string[];
  /** Is called with each finding, as soon as it is found. */
  readonly report: (finding: AuditFinding) => void;
}

/** The result of an audit: how much was verified, and how many findings there are. */
export interface VerifySummary {
  readonly storeId: string;
  readonly entries: number;
  /** Hash of the last entry, hex. */
  readonly head: string;
  /**
   * Number of the last entry that a signed checkpoint vouches for; what comes after it could be cut off
   * unseen.
   */
  readonly coveredSeq: number;
  /** How far each witness has verified the log, by name; those whose statements agree with it. */
  readonly witnesses: readonly WitnessedPosition[];
  /** Number of the last entry up to which every entry was witnessed by somebody who did not cause it. */
  readonly witnessedSeq: number;
  readonly rows: Readonly<Partial<Record<TableName, number>>>;
  /** How many of the rows carry a MAC, and whether these were verified. */
  readonly macs: { readonly rows: number; readonly verified: boolean };
  readonly findings: number;
}

/** How many rows of a table are verified at a time. */
const IN_FLIGHT = 512;

/**
 * A controller makes a checkpoint every 1000 entries or ten seconds; more entries without one are suspicious.
 */
const UNCOVERED_LIMIT = 10_000;

/**
 * Verifies a store from its file or database alone, while no controller runs or beside those that do, and
 * reports everything that is wrong with it. Memory does not grow with the store. Throws where there is no
 * store, or none of this version.
 *
 * What it finds depends on what an attacker has:
 *
 * - Write access to the database, without the controller's key: every edit, removal, addition or exchange of
 *   a row, and every rewriting of the log that a checkpoint covers, because the attacker cannot sign one.
 *   They can also delete the newest checkpoints, change or cut what only these covered, and wait: the
 *   controller signs for what it finds when it starts. A running controller notices, and so does one that
 *   still has its checkpoint file. Otherwise only checkpoints that hosts or files elsewhere hold prove it.
 * - The controller's key as well: the attacker cannot make approvals or results, and what they rewrite or cut
 *   contradicts the checkpoints that others hold. But they can invent what needs no signature of others
 *   (times, silent hosts, requests that were never ordered) if nobody holds a checkpoint of the truth.
 * - The same, where a witness verifies the log from another machine: what they rewrite or cut contradicts the
 *   statements that the witness keeps, up to the last one.
 * - A host's key: results of that host.
 */
export async function verifyStore(options: VerifyOptions): Promise<VerifySummary> {
  const source = await openAuditSource(options.store);
  const replay = openReplayState();
  const statements = hostStatementVerifier();
  let findings = 0;
  let coveredSeq = 0;
  const report = (finding: AuditFinding): void => {
    findings += 1;
    options.report(finding);
  };
  const covered = (seq: number): void => {
    coveredSeq = Math.max(coveredSeq, seq);
  };
  const { witnesses, witnessed } = witnessList();
  try {
    await checkStructure(source, report);
    const storeId = await readStoreId(source, report);
    const trust = await readTrustHistory(source, options.roots, report);
    const tableMacs = await readTableMacs(source, report);
    const { storeKey } = options;
    const sinks = { covered, witnessed };
    const context = { ...sinks, source, replay, statements, trust, storeId, storeKey, tableMacs, report };
    const end = await replayLog(context);
    const rows = await checkTables(context);
    await checkFiles(context, options);
    checkCoverage(context, end, coveredSeq);
    const head = Buffer.from(end.hash).toString('hex');
    return {
      storeId,
      entries: end.entries,
      head,
      coveredSeq,
      witnesses: witnesses(),
      witnessedSeq: await witnessedSeq(source, witnesses()),
      rows: { audit: end.entries, ...rows },
      macs: { rows: rowsWithMac(rows), verified: storeKey !== undefined },
      findings,
    };
  } finally {
    await statements.close();
    replay.close();
    await source.close();
  }
}

async function checkStructure(source: AuditSource, report: VerifyContext['report']): Promise<void> {
  const found = (kind: AuditFinding['kind'], problem: string): void =>
    report({ kind, table: 'store', key: '', problem });
  try {
    for await (const problem of source.structureProblems()) found('structure', problem);
  } catch (error) {
    found('unreadable', reasonOf(error));
  }
}

async function readStoreId(source: AuditSource, report: VerifyContext['report']): Promise<string> {
  try {
    const ids: string[] = [];
    for await (const { id } of source.rows('store_identity')) ids.push(String(id));
    if (ids.length === 1) return ids[0]!;
    report({
      kind: 'missing',
      table: 'store_identity',
      key: '1',
      problem: 'the store has no id, or several',
    });
  } catch (error) {
    report({ kind: 'unreadable', table: 'store_identity', key: '1', problem: reasonOf(error) });
  }
  return '';
}

async function readTableMacs(
  source: AuditSource,
  report: VerifyContext['report'],
): Promise<ReadonlyMap<string, TableMacsTable>> {
  const tables = new Map<string, TableMacsTable>();
  try {
    for await (const row of source.rows('table_macs')) tables.set(row.name, row);
  } catch (error) {
    report({ kind: 'unreadable', table: 'table_macs', key: '', problem: reasonOf(error) });
  }
  return tables;
}

function rowsWithMac(rows: Partial<Record<TableName, number>>): number {
  return MAC_TABLES.reduce((sum, table) => sum + (rows[table] ?? 0), 0);
}

async function checkTables(context: VerifyContext): Promise<Partial<Record<TableName, number>>> {
  const checks = tableChecks();
  const rows: Partial<Record<TableName, number>> = {};
  for (const table of Object.keys(checks) as (keyof typeof checks)[])
    rows[table] = await checkTable(context, table, checks[table] as TableCheck<Schema[TableName]>);
  return rows;
}

async function checkTable<T extends TableName>(
  context: VerifyContext,
  table: T,
  check: TableCheck<Schema[T]>,
): Promise<number> {
  let rows = 0;
  const gate = gateOf(IN_FLIGHT);
  const macs = isMacTable(table) ? macComparison(context, table) : undefined;
  try {
    for await (const row of context.source.rows(table)) {
      rows += 1;
      macs?.row(row as Schema[MacTableName], findingReporter(context, table, check.keyOf(row).join(' ')));
      await gate.enter(checkRow(context, table, check, row));
    }
  } catch (error) {
    findingReporter(context, table, '')('unreadable', `the rows end after ${rows}: ${reasonOf(error)}`);
  }
  await gate.empty();
  check.end?.(context);
  macs?.end();
  if (check.recorded !== 'none')
    for (const [, ...key] of context.replay.unvisited(table))
      findingReporter(
        context,
        table,
        key.join(' '),
      )('missing', 'the log records this row, and it is not there');
  return rows;
}

async function checkRow<T extends TableName>(
  context: VerifyContext,
  table: T,
  check: TableCheck<Schema[T]>,
  row: Schema[T],
): Promise<void> {
  const key = check.keyOf(row);
  const report = findingReporter(context, table, key.join(' '));
  try {
    const isRecorded = context.replay.visit(replayKey(table, key)) !== undefined;
    if (!isRecorded && check.recorded === 'every') report('unbacked', 'the log does not record this row');
    await check.check(row, context, report);
  } catch (error) {
    report('unreadable', `the row cannot be checked: ${reasonOf(error)}`);
  }
}

async function checkFiles(
  context: VerifyContext,
  { checkpointFiles, witnessFiles }: Pick<VerifyOptions, 'checkpointFiles' | 'witnessFiles'>,
): Promise<void> {
  const keyring = context.trust.operators;
  for await (const { token, key } of tokensIn(checkpointFiles))
    await compareCheckpoint(context, { token, table: 'file', key });
  for await (const { token, key } of tokensIn(witnessFiles))
    if (isToken(token)) await compareStatement(context, { token, table: 'file', key, keyring });
}

/** A witness who was cut short while they wrote has handed nothing in; the line proves nothing. */
function isToken(line: string): boolean {
  try {
    splitCanonicalToken(line);
    return true;
  } catch {
    return false;
  }
}

async function* tokensIn(
  files: readonly string[],
): AsyncIterable<{ readonly token: string; readonly key: string }> {
  for (const file of files) {
    let line = 0;
    for await (const token of readTokenFile(file)) {
      line += 1;
      yield { token, key: `${file}:${line}` };
    }
  }
}

function checkCoverage(context: VerifyContext, { seq, entries }: LogEnd, coveredSeq: number): void {
  if (entries === 0 || (coveredSeq > 0 && seq - coveredSeq <= UNCOVERED_LIMIT)) return;
  const problem =
    coveredSeq === 0
      ? 'no checkpoint vouches for any of it: it can be rewritten as a whole'
      : `no checkpoint vouches for the ${seq - coveredSeq} entries after ${coveredSeq}`;
  context.report({ kind: 'checkpoint', table: 'audit', key: String(seq), problem });
}

/** Limits how many tasks run at once. */
function gateOf(limit: number) {
  const under = new Set<Promise<void>>();
  let wake: (() => void) | undefined;
  return {
    async enter(task: Promise<void>): Promise<void> {
      const tracked = task.finally(() => {
        under.delete(tracked);
        wake?.();
      });
      under.add(tracked);
      if (under.size < limit) return;
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    },
    empty: () => Promise.all(under),
  };
}
