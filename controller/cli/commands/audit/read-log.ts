import { FarcallError } from '../../../../shared/errors/index.ts';
import type { AuditEntryView } from '../../../../shared/messages/index.ts';
import type { OperatorClient } from '../../session/index.ts';
import type { SeenChain } from './seen-chain.ts';

/** How far {@link readLog} reads, and who takes the entries. */
export interface LogReading {
  readonly chain: SeenChain;
  /** The last entry that is wanted, where there is one; the end of the log otherwise. */
  readonly untilSeq?: number;
  /** Takes each new entry, after the chain has. */
  readonly take: (entry: AuditEntryView) => void;
  readonly signal: AbortSignal;
}

const PAGE_ENTRIES = 100_000;
const PAGE_LIMIT_MS = 600_000;

/**
 * Reads the log as it is now, from where `chain` is, and verifies it on the way. Throws AUDIT_CONTRADICTED if
 * it is not as it was seen, also if it ends before what was seen.
 */
export async function readLog(client: OperatorClient, reading: LogReading): Promise<void> {
  const { chain, untilSeq = Number.MAX_SAFE_INTEGER, take, signal } = reading;
  for (let reached = -1; !signal.aborted; ) {
    const known = chain.last()?.seq ?? 0;
    if (known === reached || (reached >= 0 && known >= untilSeq)) return;
    reached = known;
    chain.begin();
    const afterSeq = chain.afterSeq();
    const limit = Math.max(1, Math.min(PAGE_ENTRIES, untilSeq - afterSeq));
    let entries = 0;
    const query = { afterSeq, limit, follow: false };
    for await (const entry of client.stream('listAudit', query, PAGE_LIMIT_MS, signal)) {
      entries += 1;
      if (chain.take(entry)) take(entry);
    }
    if (entries === 0 && known > 0)
      throw new FarcallError(
        'AUDIT_CONTRADICTED',
        `the log ends before entry ${known}, which was seen: it was cut, or an old copy restored`,
      );
  }
}
