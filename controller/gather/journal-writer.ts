import type { JournalPositionMessage } from '../../shared/messages/index.ts';
import type { Logger } from '../log/index.ts';
import type { HostJournalStore, JournalReport } from '../store/index.ts';
import { HELD } from './admit-host.ts';

/** The store and the log of {@link journalWriter}. */
export interface JournalWriterDeps {
  readonly hostJournals: Pick<HostJournalStore, 'advance'>;
  readonly log: Logger;
}

/** Remembers how far the journals of hosts have come, many in one transaction. */
export interface JournalWriter {
  /** Queues a report, which is written within about a second. */
  take(report: JournalReport): void;
  /** Writes what is queued. Later reports are ignored. */
  stop(): Promise<void>;
}

/** The report of a host about its journal, from a verified message. */
export function journalReport(
  host: string,
  { incarnation, sequence, head }: JournalPositionMessage,
  observedAtMs: number,
): JournalReport {
  return { host, incarnation: Buffer.from(incarnation).toString('base64url'), sequence, head, observedAtMs };
}

/** How long reports are collected. */
const GATHER_MS = 1000;

/** A writer. Of each incarnation of a host, only the report that has come farthest is queued. */
export function journalWriter({ hostJournals, log }: JournalWriterDeps): JournalWriter {
  let waiting = new Map<string, JournalReport>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let failing = false;
  let stopped = false;

  const take = (report: JournalReport): void => {
    const key = `${report.host} ${report.incarnation}`;
    const before = waiting.get(key);
    if (stopped) return;
    const observedAtMs = Math.max(report.observedAtMs, before?.observedAtMs ?? 0);
    const farthest = before && before.sequence > report.sequence ? before : report;
    waiting.set(key, { ...farthest, observedAtMs });
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(write);
    }, GATHER_MS);
  };
  const write = async (): Promise<void> => {
    const batch = [...waiting.values()];
    waiting = new Map();
    if (batch.length === 0) return;
    try {
      for (const { host, why } of await hostJournals.advance(batch)) log.error({ host, why }, HELD);
      failing = false;
    } catch (err) {
      // The next heartbeats say the same.
      if (!failing) log.error({ err }, 'the positions of journals cannot be stored');
      failing = true;
    }
  };
  return {
    take,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await writing;
      await write();
    },
  };
}
