import { reasonOf } from '../../../shared/errors/index.ts';
import { firstIssue } from '../../../shared/schema/index.ts';
import {
  AUDIT_KINDS,
  type AuditDetail,
  type AuditKind,
  type AuditTable,
  chainHash,
  chainStart,
  isAuditKind,
} from '../../store/index.ts';
import { findingReporter, type ReportFinding, type VerifyContext } from './context.ts';
import { REPLAY_KINDS } from './replay-kinds.ts';
import { checkLoggedStatement } from './replay-witness.ts';
import type { ReplayedEntry } from './replayed-entry.ts';

/** The end of the log. */
export interface LogEnd {
  readonly entries: number;
  readonly seq: number;
  /** Hash of the last entry. */
  readonly hash: Uint8Array;
}

/**
 * Reads the log from its first entry to its last: checks the chain, checks that each entry may follow, and
 * records the rows that the tables must hold because of it. After a break it goes on from the stored hash, so
 * that each break is reported once.
 */
export async function replayLog(context: VerifyContext): Promise<LogEnd> {
  let end: LogEnd = { entries: 0, seq: 0, hash: chainStart(context.storeId) };
  try {
    for await (const row of context.source.rows('audit')) {
      const report = findingReporter(context, 'audit', String(row.seq));
      checkLink(row, end, report);
      if (end.entries === 0) checkStart(row, end, context);
      end = { entries: end.entries + 1, seq: row.seq, hash: row.hash };
      try {
        replayEntry(row, context, report);
        await checkLoggedStatement(row, context, report);
      } catch (error) {
        report('unreadable', `the entry cannot be read: ${reasonOf(error)}`);
      }
    }
  } catch (error) {
    findingReporter(context, 'audit', '')('unreadable', `the log ends after ${end.seq}: ${reasonOf(error)}`);
  }
  return end;
}

function checkLink(row: AuditTable, before: LogEnd, report: ReportFinding): void {
  if (row.seq !== before.seq + 1)
    report('chain', `the entries from ${before.seq + 1} to ${row.seq - 1} are missing`);
  if (Buffer.compare(chainHash(before.hash, row), row.hash) !== 0)
    report('chain', 'its hash does not follow from what it says and from the entry before it');
}

/** The chain begins with the id of the store, so an exchanged id shows at the first entry. */
function checkStart(row: AuditTable, start: LogEnd, context: VerifyContext): void {
  if (Buffer.compare(chainHash(start.hash, row), row.hash) === 0) return;
  findingReporter(
    context,
    'store_identity',
    '1',
  )('chain', 'the log does not begin with this id: the id or the first entry was exchanged');
}

function replayEntry(row: AuditTable, context: VerifyContext, report: ReportFinding): void {
  if (!isAuditKind(row.kind)) return report('entry', `there is no kind of entry '${row.kind}'`);
  const { about, detail: schema } = AUDIT_KINDS[row.kind];
  const named: readonly string[] = about;
  if (
    (row.request_id !== null) !== named.includes('request') ||
    (row.host !== null) !== named.includes('host')
  )
    return report('entry', `an entry ${row.kind} is about ${named.join(' and ') || 'no request or host'}`);
  const detail = schema.safeParse(JSON.parse(row.detail));
  if (!detail.success) return report('entry', firstIssue(detail.error, 'detail'));
  replayKind(row.kind, row, detail.data, { context, report });
}

interface Replaying {
  readonly context: VerifyContext;
  readonly report: ReportFinding;
}

function replayKind<K extends AuditKind>(
  kind: K,
  row: AuditTable,
  detail: unknown,
  { context, report }: Replaying,
): void {
  const entry: ReplayedEntry<K> = {
    seq: row.seq,
    atMs: row.at_ms,
    actor: row.actor,
    requestId: row.request_id ?? '',
    host: row.host ?? '',
    detail: detail as AuditDetail<K>,
  };
  REPLAY_KINDS[kind](entry, context.replay, report);
}
