import type { AuditSource, ReplayState, TableName } from '../../store/index.ts';
import type { HostStatementVerifier } from '../statements/index.ts';
import type { AuditFinding } from './audit-finding.ts';
import type { TrustHistory } from './trust-history.ts';

/** What every check works with. */
export interface VerifyContext {
  readonly source: AuditSource;
  /** What the log says about each row, written while the log is read and read while the tables are. */
  readonly replay: ReplayState;
  readonly trust: TrustHistory;
  readonly statements: HostStatementVerifier;
  readonly storeId: string;
  readonly report: (finding: AuditFinding) => void;
  /** Remembers how far the log is vouched for by a checkpoint that agrees with it. */
  readonly covered: (seq: number) => void;
}

/** Says what is wrong with one row. */
export type ReportFinding = (kind: AuditFinding['kind'], problem: string) => void;

/** Complaints about the row `key` of `table`. */
export function findingReporter(
  { report }: VerifyContext,
  table: AuditFinding['table'],
  key: string,
): ReportFinding {
  return (kind, problem) => report({ kind, table, key, problem });
}

/** How the rows of one table are checked. A new table of the schema needs one, or this does not compile. */
export interface TableCheck<Row> {
  /** The row's primary key, in the words of its note and of findings. */
  keyOf(row: Row): readonly (string | number)[];
  /**
   * Whether the log records every row of this table, of some, or of none. Every row that it tells of must be
   * there; with `every`, no other row may be.
   */
  readonly recorded: 'every' | 'some' | 'none';
  check(row: Row, context: VerifyContext, report: ReportFinding): void | Promise<void>;
  /** After the last row. */
  end?(context: VerifyContext): void;
}

/** What the JSON in `text` is; undefined if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A table's name and a row's key, as one name for a note. */
export function replayKey(
  table: TableName,
  key: readonly (string | number)[],
): [string, ...(string | number)[]] {
  return [table, ...key];
}
