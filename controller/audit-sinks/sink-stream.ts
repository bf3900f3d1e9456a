import { backoffMs } from '../../shared/backoff/index.ts';
import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import { auditEntryView } from '../audit/index.ts';
import type { Logger } from '../log/index.ts';
import {
  type AuditStore,
  type AuditTable,
  type HeldLease,
  holdLease,
  type LeaseStore,
  type LogCursorStore,
} from '../store/index.ts';
import type { Sink } from './sink.ts';

/** The stores and services that {@link SinkStream} uses. */
export interface SinkStreamDeps {
  readonly audit: Pick<AuditStore, 'head' | 'page'>;
  readonly logCursors: Pick<LogCursorStore, 'cursorOf' | 'move'>;
  readonly leases: LeaseStore;
  /** Names this run of this controller. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
}

/** How a sink is doing. */
export interface SinkStatus {
  readonly name: string;
  /** Entries that the sink accepted since this controller started, repeats included. */
  readonly sent: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Entries that wait for the sink; undefined where another controller streams. */
  readonly backlog: number | undefined;
}

const RETRY = { firstMs: 1000, mostMs: 60_000 };
const PAGE = 200;
/** So many characters of detail are handed over at a time; an entry that is longer goes alone. */
const BATCH_CHARS = 65_536;
/** What an entry takes besides its detail. */
const ENTRY_CHARS = 512;
/**
 * How long a controller that died keeps others from the sink. It is longer than connecting and writing a
 * batch may take: otherwise two controllers would take a slow receiver from each other, and neither would
 * settle anything.
 */
const LEASE_MS = 15_000;

/**
 * Streams the log to one sink, from where its cursor stands. Of several controllers on one store, the one
 * that holds the sink's lease does. The cursor moves only over entries that are settled, so nothing is lost,
 * whatever dies when; entries since then are sent again.
 */
export class SinkStream {
  readonly #sink: Sink;
  readonly #deps: SinkStreamDeps;
  #lease: HeldLease | undefined;
  /** The last entry that was written; undefined if the cursor must be asked. */
  #written: number | undefined;
  #cursor = 0;
  #counts = { sent: 0, failed: 0 };
  #backlog: number | undefined;
  #failures = 0;
  #retryAtMs = 0;
  #isShort = false;

  constructor(sink: Sink, deps: SinkStreamDeps) {
    this.#sink = sink;
    this.#deps = deps;
  }

  status(): SinkStatus {
    return { name: this.#sink.name, ...this.#counts, backlog: this.#lease && this.#backlog };
  }

  /** Sends everything that there is, up to the first failure, which is logged. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    // A clock that was set back makes no longer pause.
    const pauseMs = this.#retryAtMs - this.#deps.clock.nowMs();
    if (pauseMs > 0 && pauseMs <= RETRY.mostMs) return;
    try {
      while (!signal.aborted && (await this.#hold())) if (!(await this.#sendPage())) return;
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  /** Closes the sink, moves the cursor over what that settled, and gives the lease back. */
  async stop(): Promise<void> {
    const { leases, log } = this.#deps;
    try {
      await this.#sink.close();
      const lease = await this.#hold();
      if (!lease) return;
      await this.#settle();
      await leases.release(lease);
    } catch (err) {
      log.warn({ sink: this.#sink.name, err }, 'audit sink cannot be closed in good order');
    }
  }

  async #hold(): Promise<HeldLease | undefined> {
    const { leases, holder } = this.#deps;
    const before = this.#lease;
    const options = { name: `audit sink ${this.#sink.name}`, holder, ttlMs: LEASE_MS };
    this.#lease = await holdLease(leases, options, before);
    // Anyone who streamed in between moved the cursor.
    if (this.#lease?.epoch !== before?.epoch) this.#written = undefined;
    return this.#lease;
  }

  /** Whether there may be more. */
  async #sendPage(): Promise<boolean> {
    const { audit } = this.#deps;
    const afterSeq = await this.#position();
    const { seq: end } = await audit.head();
    this.#noteShort(end, afterSeq);
    this.#backlog = Math.max(0, end - afterSeq);
    const page = await audit.page({ afterSeq, limit: PAGE });
    for (const batch of batchesOf(page)) {
      // Another controller may have the lease by now, or have had it; then the cursor says what comes next.
      if (!(await this.#hold()) || this.#written === undefined) return true;
      await this.#sink.write(batch.map(auditEntryView));
      this.#wrote(batch.at(-1)!.seq, batch.length);
    }
    await this.#settle();
    return page.length === PAGE;
  }

  async #position(): Promise<number> {
    if (this.#sink.takeLoss())
      throw new FarcallError('UNREACHABLE', 'the connection broke, and what it may have lost is sent again');
    if (this.#written === undefined) {
      this.#cursor = await this.#deps.logCursors.cursorOf(cursorName(this.#sink), 'first-entry');
      this.#written = this.#cursor;
    }
    return this.#written;
  }

  #wrote(seq: number, count: number): void {
    this.#written = seq;
    this.#counts.sent += count;
    this.#backlog = Math.max(0, (this.#backlog ?? 0) - count);
  }

  async #settle(): Promise<void> {
    const seq = this.#sink.settledSeq();
    const lease = this.#lease;
    if (!lease || seq <= this.#cursor) return;
    await this.#deps.logCursors.move({ name: cursorName(this.#sink), seq, lease });
    this.#cursor = seq;
    // A receiver that accepts and then breaks off, as one does that refuses a certificate, has failed.
    if (this.#failures > 0)
      this.#deps.log.info({ sink: this.#sink.name, seq }, 'audit sink takes entries again');
    this.#failures = 0;
  }

  /** Threat: somebody cuts the log, and writes another end of it that the receiver is never sent. */
  #noteShort(end: number, written: number): void {
    const isShort = end < written;
    if (isShort && !this.#isShort)
      this.#deps.log.error(
        { sink: this.#sink.name, sent: written, end },
        'audit log ends before what was sent: it was cut, or an old copy restored',
      );
    this.#isShort = isShort;
  }

  #failed(thrown: unknown): void {
    const { clock, log, random } = this.#deps;
    const { code, message } = toFarcallError(thrown);
    this.#written = undefined;
    if (code === 'LEASE_LOST') {
      this.#lease = undefined;
      return;
    }
    this.#counts.failed += 1;
    this.#failures += 1;
    const retryMs = backoffMs(this.#failures, RETRY, random);
    this.#retryAtMs = clock.nowMs() + retryMs;
    // Logged when it begins; the metrics show how it goes on.
    const level = this.#failures === 1 ? 'warn' : 'debug';
    log[level]({ sink: this.#sink.name, code, retryMs }, `${this.#sink.name} refused: ${message}`);
  }
}

/** The entries of `page` in their order, in parts that one write takes in good time. */
function batchesOf(page: readonly AuditTable[]): readonly (readonly AuditTable[])[] {
  const batches: AuditTable[][] = [];
  let room = 0;
  for (const entry of page) {
    if (room < entry.detail.length) {
      batches.push([]);
      room = BATCH_CHARS;
    }
    batches.at(-1)!.push(entry);
    room -= entry.detail.length + ENTRY_CHARS;
  }
  return batches;
}

/** Names of webhooks have no blank. */
function cursorName({ name }: Sink): string {
  return `audit sink ${name}`;
}
