import type { JournalPositionMessage } from '../../shared/messages/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostJournalStore, JournalReport } from '../store/index.ts';
import { HELD } from './admit-host.ts';
import { type BatchedWriter, batchedWriter } from './batched-writer.ts';

/** The store and the log of {@link journalWriter}. */
export interface JournalWriterDeps {
  readonly hostJournals: Pick<HostJournalStore, 'advance'>;
  readonly log: Logger;
}

/** Remembers how far the journals of hosts have come, many in one transaction. */
export type JournalWriter = BatchedWriter<JournalReport>;

/** The report of a host about its journal, from a verified message. */
export function journalReport(
  host: string,
  { incarnation, sequence, head }: JournalPositionMessage,
  observedAtMs: number,
): JournalReport {
  return { host, incarnation: Buffer.from(incarnation).toString('base64url'), sequence, head, observedAtMs };
}

/** A writer. Of each incarnation of a host, only the report that has come farthest is queued. */
export function journalWriter({ hostJournals, log }: JournalWriterDeps): JournalWriter {
  return batchedWriter<JournalReport>({
    keyOf: ({ host, incarnation }) => `${host} ${incarnation}`,
    pick: (before, next) => {
      const farthest = before.sequence > next.sequence ? before : next;
      return { ...farthest, observedAtMs: Math.max(before.observedAtMs, next.observedAtMs) };
    },
    async write(batch) {
      for (const { host, why } of await hostJournals.advance(batch)) log.error({ host, why }, HELD);
    },
    onError(err, _batch, isFirst) {
      if (isFirst) log.error({ err }, 'the positions of journals cannot be stored');
      return []; // The next heartbeats say the same.
    },
  });
}
