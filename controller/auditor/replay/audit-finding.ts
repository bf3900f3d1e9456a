import type { TableName } from '../../store/index.ts';

/**
 * What a finding is about:
 *
 * structure   SQLite's own checks, or a schema that is not ours
 * unreadable  a row, table or file that cannot be read at all
 * chain       an entry of the log that does not follow from the one before it
 * entry       an entry that the log may not have there, or that says nothing sensible
 * state       something that happened out of turn, or a sum that is wrong
 * missing     the log records a row that is not there
 * unbacked    a row that the log does not record
 * digest      a row that is not what the log says it was
 * content     a row that contradicts the signed bytes in it, or another row
 * signature   a signature that does not hold, or by a key that was not trusted for it
 * threshold   an order without enough approvals
 * trust       a trust bundle to which the roots do not lead, or that did not count by then
 * checkpoint  a signed checkpoint that the log contradicts, or two that contradict each other
 */
export const AUDIT_FINDING_KINDS = [
  'structure',
  'unreadable',
  'chain',
  'entry',
  'state',
  'missing',
  'unbacked',
  'digest',
  'content',
  'signature',
  'threshold',
  'trust',
  'checkpoint',
] as const;

/** One thing that is wrong with a store. */
export interface AuditFinding {
  readonly kind: (typeof AUDIT_FINDING_KINDS)[number];
  /** The table, or `store` for the file as a whole, or `file` for a file that was handed in. */
  readonly table: TableName | 'store' | 'file';
  /** Which row, by its primary key with blanks between; name of the file. */
  readonly key: string;
  readonly problem: string;
}
