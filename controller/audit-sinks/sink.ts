import type { AuditEntryView } from '../../shared/messages/index.ts';

/** Where the audit log is streamed to, outside of the store. */
export interface Sink {
  /** `syslog` or `file`: in the log, in metrics, and for its cursor and lease in the store. */
  readonly name: string;
  /**
   * Hands entries over, in their order; resolves once the disk or the socket has accepted them. Throws
   * UNREACHABLE or FILE_UNREADABLE with the cause. What was written since the settled entry must be written
   * again then.
   */
  write(entries: readonly AuditEntryView[]): Promise<void>;
  /** Number of the last entry that need not be written again, whatever happens; 0 if there is none. */
  settledSeq(): number;
  /**
   * Whether entries that were accepted may have been lost since the last call, though nothing failed: they
   * must be written again.
   */
  takeLoss(): boolean;
  /** Hands over in good order what was accepted, and closes. */
  close(): Promise<void>;
}
