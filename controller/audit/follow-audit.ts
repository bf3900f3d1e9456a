import { setTimeout as delay } from 'node:timers/promises';
import { FarcallError } from '../../shared/errors/index.ts';
import type { AuditEntryView } from '../../shared/messages/index.ts';
import type { AuditStore } from '../store/index.ts';
import { type AuditFilter, auditEntryView } from './list-audit.ts';

/** The log, and how long {@link followAudit} goes on. */
export interface FollowAuditDeps {
  readonly audit: Pick<AuditStore, 'page' | 'head'>;
  /** A minute by default. */
  readonly followMs?: number;
}

/**
 * Threat: somebody reads the log after their key left the trust bundle, or after they were locked, because
 * they began to follow it before. A stream therefore ends after this time, and the next one is authenticated.
 */
const FOLLOW_MS = 60_000;
/** How long an entry may wait until it is sent. */
const POLL_MS = 500;
const PAGE_ENTRIES = 500;

/**
 * All entries after `afterSeq`, then each new one as it is written, until a minute is over, `limit` entries
 * were sent, or `signal` is aborted. Throws CONFIG_INVALID for a filter, with which nobody could tell that an
 * entry is missing, and AUDIT_CONTRADICTED if the log ends before `afterSeq`, which its caller has seen.
 */
export async function* followAudit(
  { audit, followMs = FOLLOW_MS }: FollowAuditDeps,
  { afterSeq, limit, ...filter }: AuditFilter,
  signal: AbortSignal,
): AsyncGenerator<AuditEntryView> {
  const { requestId, kind, host, actor, beforeSeq } = filter;
  if ([requestId, kind, host, actor, beforeSeq].some(member => member !== undefined))
    throw new FarcallError('CONFIG_INVALID', 'the audit log is followed as a whole, without a filter');
  const { seq: end } = await audit.head();
  if (end < afterSeq)
    throw new FarcallError(
      'AUDIT_CONTRADICTED',
      `the audit log ends at entry ${end}, and its follower has seen entry ${afterSeq}`,
    );
  const untilMs = performance.now() + followMs;
  let reached = afterSeq;
  for (let left = limit; left > 0 && !signal.aborted; ) {
    const page = await audit.page({ afterSeq: reached, limit: Math.min(left, PAGE_ENTRIES) });
    for (const row of page) yield auditEntryView(row);
    reached = page.at(-1)?.seq ?? reached;
    left -= page.length;
    if (performance.now() >= untilMs) return;
    if (page.length === 0) await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
