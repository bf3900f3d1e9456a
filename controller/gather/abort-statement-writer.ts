import type { Logger } from '../log/index.ts';
import type { AbortStore, NewAbortStatement } from '../store/index.ts';
import { type BatchedWriter, batchedWriter } from './batched-writer.ts';

/** The store and the log of {@link abortStatementWriter}. */
export interface AbortStatementWriterDeps {
  readonly aborts: Pick<AbortStore, 'obey'>;
  readonly log: Logger;
}

/** Keeps what hosts say about aborts, many in one transaction. */
export type AbortStatementWriter = BatchedWriter<NewAbortStatement>;

/** How long statements are collected: a fleet says them at one moment, and a person waits for them. */
const GATHER_MS = 20;

/** A writer. If the store is away, statements wait for it. */
export function abortStatementWriter({ aborts, log }: AbortStatementWriterDeps): AbortStatementWriter {
  return batchedWriter<NewAbortStatement>({
    gatherMs: GATHER_MS,
    keyOf: ({ requestId, host }) => `${requestId} ${host}`,
    pick: before => before,
    write: batch => aborts.obey(batch),
    onError(err, batch, isFirst) {
      if (isFirst) log.error({ err }, 'what hosts say about aborts cannot be stored');
      return batch;
    },
  });
}
