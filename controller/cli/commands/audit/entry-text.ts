import type { AuditEntryView } from '../../../../shared/messages/index.ts';
import { formatTime, printable } from '../../../views/index.ts';

/** An entry of the audit log as one line for people. */
export function entryText({ seq, atMs, kind, actor, requestId, host, detail }: AuditEntryView): string {
  const about = [requestId, host === actor ? undefined : host].filter(Boolean).join(' ');
  return printable(
    [seq, formatTime(atMs), kind, actor, about, detail].filter(part => part !== '').join('  '),
  );
}
