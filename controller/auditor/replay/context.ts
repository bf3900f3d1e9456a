import {
  type AuditSource,
  auditDigest,
  type ReplayState,
  type StoreKey,
  type TableMacsTable,
  type TableName,
} from '../../store/index.ts';
import type { HostStatementVerifier } from '../statements/index.ts';
import type { AuditFinding } from './audit-finding.ts';
import type { TrustedVersion, TrustHistory } from './trust-history.ts';

/** The store, the replayed rows and the trust that every check reads, and where it reports to. */
export interface VerifyContext {
  readonly source: AuditSource;
  /** The rows as the log records them: written while the log is read, and read while the tables are. */
  readonly replay: ReplayState;
  readonly trust: TrustHistory;
  readonly statements: HostStatementVerifier;
  readonly storeId: string;
  /** The key of the store's MACs; undefined if the auditor does not have it. */
  readonly storeKey: StoreKey | undefined;
  /** The MACs of whole tables, by the name of the table. */
  readonly tableMacs: ReadonlyMap<string, TableMacsTable>;
  readonly report: (finding: AuditFinding) => void;
  /** Records that a checkpoint which agrees with the log covers it up to this entry. */
  readonly covered: (seq: number) => void;
  /** Records that a witness's statement agrees with the log. */
  readonly witnessed: (statement: WitnessedPosition) => void;
}

/** How far a witness has verified the log. */
export interface WitnessedPosition {
  readonly witness: string;
  /** Number of the entry. */
  readonly seq: number;
  /** When they signed that. */
  readonly atMs: number;
}

/** Reports what is wrong with one row. */
export type ReportFinding = (kind: AuditFinding['kind'], problem: string) => void;

/** A function that reports findings about the row `key` of `table`. */
export function findingReporter(
  { report }: VerifyContext,
  table: AuditFinding['table'],
  key: string,
): ReportFinding {
  return (kind, problem) => report({ kind, table, key, problem });
}

/** How the rows of one table are checked. A new table of the schema needs one, or this does not compile. */
export interface TableCheck<Row> {
  /** The row's primary key, as in its replay key and in findings. */
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

/**
 * The version of the trust bundle by which a row was judged; undefined, and a finding, if the roots do not
 * lead to it.
 */
export function trustedAt(
  version: number,
  { trust }: VerifyContext,
  report: ReportFinding,
): TrustedVersion | undefined {
  const trusted = trust.trustAt(version);
  if (!trusted)
    report(
      'trust',
      `it was judged by version ${version} of the trust bundle, to which the roots do not lead`,
    );
  return trusted;
}

/**
 * Whether `text` is the one whose digest the log records, or is missing where the log records none; a finding
 * about `what` if not.
 */
export function isLogged(
  what: string,
  text: string | Uint8Array | null,
  logged: string | undefined,
  report: ReportFinding,
): boolean {
  if ((text === null ? undefined : auditDigest(text)) === logged) return true;
  report('digest', `${what} is not the one that the log records`);
  return false;
}

/** The parsed JSON of `text`; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The replay key of a row: the name of its table, then its primary key. */
export function replayKey(
  table: TableName,
  key: readonly (string | number)[],
): [string, ...(string | number)[]] {
  return [table, ...key];
}
