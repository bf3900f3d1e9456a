import { FarcallError } from '../../../../shared/errors/index.ts';
import type { AuditEntryView } from '../../../../shared/messages/index.ts';
import type { chainHash } from '../../../store/index.ts';

/**
 * The last entry that a follower of the log has seen. Entry 0, whose hash is where the chain of a store
 * begins, stands for a follower who knows the store and has seen nothing of it.
 */
export interface SeenEntry {
  readonly seq: number;
  readonly hash: Uint8Array;
}

/** The chain of the log as one follower sees it. */
export interface SeenChain {
  /** The last entry; undefined before the first. */
  last(): SeenEntry | undefined;
  /** Number after which the next stream must begin: one that has the last entry as its first. */
  afterSeq(): number;
  /** A new stream begins. */
  begin(): void;
  /**
   * Takes the next entry of a stream. False if it is the last entry again, with which every stream but the
   * first begins. Throws AUDIT_CONTRADICTED if the entry does not follow from what was seen before.
   */
  take(entry: AuditEntryView): boolean;
}

/** Where a follower begins, and how the log hashes its entries. */
export interface SeenChainOptions {
  readonly seen: SeenEntry | undefined;
  /** The first entry that is wanted, where nothing was seen yet. */
  readonly fromSeq: number;
  readonly chainHash: typeof chainHash;
}

/**
 * Remembers how far the log was seen, and refuses another story.
 *
 * Threat: somebody who has the controller's database, or its key too, cuts the log, rewrites it, or replaces
 * it with an old copy, and signs what they like. The hash of an entry covers every entry before it. So a
 * follower that has seen entry N with hash H takes nothing from a log in which entry N has another hash, or
 * in which entry N+1 does not follow from H. The very first entry is taken on trust.
 */
export function seenChain({ seen, fromSeq, chainHash: hashOf }: SeenChainOptions): SeenChain {
  let last = seen;
  let isFirst = true;
  const refuse = (problem: string): never => {
    throw new FarcallError('AUDIT_CONTRADICTED', problem);
  };
  const checkRepeat = (entry: AuditEntryView, known: SeenEntry): void => {
    if (entry.seq !== known.seq)
      refuse(`the controller has no entry ${known.seq}, which was seen before: it sent ${entry.seq}`);
    if (Buffer.compare(entry.hash, known.hash) !== 0)
      refuse(
        `entry ${known.seq} had another hash when it was seen: the log was rewritten, or is another one`,
      );
  };
  const checkNext = (entry: AuditEntryView, known: SeenEntry): void => {
    if (entry.seq !== known.seq + 1) refuse(`entry ${entry.seq} came after entry ${known.seq}`);
    if (Buffer.compare(hashOf(known.hash, rowOf(entry)), entry.hash) !== 0)
      refuse(`the hash of entry ${entry.seq} does not follow from entry ${known.seq} and what it says`);
  };
  return {
    last: () => last,
    // Where nothing was seen yet, the entry before the first is what the first must follow from.
    afterSeq: () => Math.max(0, (last?.seq ?? fromSeq - 1) - 1),
    begin() {
      isFirst = true;
    },
    take(entry) {
      const isRepeat = isFirst && last !== undefined && last.seq > 0;
      isFirst = false;
      if (last && isRepeat) checkRepeat(entry, last);
      else if (last) checkNext(entry, last);
      last = { seq: entry.seq, hash: entry.hash };
      return !isRepeat && entry.seq >= fromSeq;
    },
  };
}

function rowOf({ seq, atMs, kind, actor, requestId, host, detail }: AuditEntryView) {
  return { seq, at_ms: atMs, kind, actor, request_id: requestId ?? null, host: host ?? null, detail };
}
