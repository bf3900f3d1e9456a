import type { TableName } from '../../store/index.ts';

/**
 * What a finding is about:
 *
 * - structure: the engine's own checks fail, or the schema is not farcall's.
 * - unreadable: a row, table or file cannot be read at all.
 * - chain: an entry of the log does not follow from the one before it.
 * - entry: an entry may not be in the log, or its detail has no sense.
 * - state: something happened out of turn, or a sum is wrong.
 * - missing: the log records a row that is not there.
 * - unbacked: the log does not record a row that is there.
 * - digest: a row is not what the log says it was.
 * - content: a row contradicts the signed bytes in it, or another row.
 * - signature: a signature is not valid, or its key was not trusted for it.
 * - mac: a row that no controller wrote, or a table in which rows came or went.
 * - threshold: an order without enough approvals.
 * - trust: a trust bundle to which the roots do not lead, or that was not valid at the time.
 * - checkpoint: the log contradicts a signed checkpoint, or two checkpoints contradict each other.
 * - witness: the log contradicts what a witness has verified and signed, or two of their statements
 *   contradict each other.
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
  'mac',
  'threshold',
  'trust',
  'checkpoint',
  'witness',
] as const;

/** One thing that is wrong with a store. */
export interface AuditFinding {
  readonly kind: (typeof AUDIT_FINDING_KINDS)[number];
  /** The table, or `store` for the file as a whole, or `file` for a file that was handed in. */
  readonly table: TableName | 'store' | 'file';
  /** Which row, by the values of its primary key with blanks between them; or the name of the file. */
  readonly key: string;
  readonly problem: string;
}
