import { FarcallError } from '../../shared/errors/index.ts';
import type { AuditEntryView } from '../../shared/messages/index.ts';
import { AUDIT_KINDS, type AuditStore, type AuditTable, isAuditKind } from '../store/index.ts';

/** Which entries to list; an absent member restricts nothing. */
export interface AuditFilter {
  readonly requestId?: string | undefined;
  readonly kind?: string | undefined;
  readonly afterSeq: number;
  readonly limit: number;
  /** If given: only entries before this one, newest first. */
  readonly beforeSeq?: number | undefined;
  readonly host?: string | undefined;
  readonly actor?: string | undefined;
}

const PAGE_ENTRIES = 500;

/**
 * The entries of the audit log that fit, oldest first or newest first, read in pages. Throws NOT_FOUND for an
 * unknown kind.
 */
export async function* listAudit(
  { audit }: { readonly audit: Pick<AuditStore, 'page'> },
  { requestId, kind, host, actor, afterSeq, limit, beforeSeq }: AuditFilter,
  signal: AbortSignal,
): AsyncGenerator<AuditEntryView> {
  if (kind !== undefined && !isAuditKind(kind))
    throw new FarcallError(
      'NOT_FOUND',
      `there are no entries '${kind}'; there are ${Object.keys(AUDIT_KINDS).join(', ')}`,
    );
  let left = limit;
  for (let reached: number | undefined; left > 0 && !signal.aborted; ) {
    const pageLimit = Math.min(left, PAGE_ENTRIES);
    const range =
      beforeSeq === undefined
        ? { afterSeq: reached ?? afterSeq }
        : { afterSeq, beforeSeq: reached ?? beforeSeq };
    const page = await audit.page({ requestId, kind, host, actor, ...range, limit: pageLimit });
    for (const row of page) yield auditEntryView(row);
    left -= page.length;
    reached = page.at(-1)?.seq;
    if (page.length < pageLimit) return;
  }
}

/** An entry of the log as operators are shown it. */
export function auditEntryView(row: AuditTable): AuditEntryView {
  const { seq, at_ms, kind, actor, request_id, host, detail, hash } = row;
  return {
    ...{ seq, atMs: at_ms, kind, actor, detail, hash },
    ...(request_id === null ? {} : { requestId: request_id }),
    ...(host === null ? {} : { host }),
  };
}
