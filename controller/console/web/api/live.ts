import type { ChangeKind } from '../../../views/index.ts';
import { eventStream } from './event-stream.ts';

/**
 * Whether the page hears from the controller: `live` if it did within the last five seconds, `silent` if the
 * connection stands and nothing comes. While it is `silent` or `retrying`, what is shown may be out of date.
 */
export type LiveState = 'connecting' | 'live' | 'silent' | 'retrying';

/** What the page last heard from the controller. */
export interface LiveStatus {
  readonly state: LiveState;
  /** When it last heard anything, by the clock of the browser; undefined before the first time. */
  readonly heardAtMs: number | undefined;
  /** What the controller said that it cannot do, line by line. */
  readonly troubles: readonly string[];
}

/** The controller says every two seconds that it is there. */
const SILENT_MS = 5000;
/** After such a silence the connection is made again: it may have broken without a word. */
const BROKEN_MS = 20_000;

/** Delays between attempts: short at first, at most ten seconds, since a person is waiting. */
const RETRY_DELAYS_MS = [500, 1000, 2000, 5000, 10_000];

const EVERY_KIND: readonly ChangeKind[] = ['requests', 'hosts', 'trust'];

/** Receives notices of changes from the server, reconnects as long as it runs, and notifies its listeners. */
export class LiveChanges {
  #status: LiveStatus = { state: 'connecting', heardAtMs: undefined, troubles: [] };
  #stop: AbortController | undefined;
  readonly #stateListeners = new Set<() => void>();
  readonly #changeListeners = new Set<(kinds: readonly ChangeKind[]) => void>();

  /** The same object until something of it changes. */
  get status(): LiveStatus {
    return this.#status;
  }

  /** Calls `listener` when the status changes; returns the function that unsubscribes it. */
  readonly watchState = (listener: () => void): (() => void) => added(this.#stateListeners, listener);

  /**
   * Calls `listener` at each change, and with every kind after each reconnection, since a notice may have
   * been missed. Returns the function that unsubscribes it.
   */
  watch(listener: (kinds: readonly ChangeKind[]) => void): () => void {
    return added(this.#changeListeners, listener);
  }

  /** Connects, and stays connected until {@link stop}. */
  start(): void {
    this.stop();
    const stop = new AbortController();
    this.#stop = stop;
    void this.#run(stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      const connection = new AbortController();
      const ended = AbortSignal.any([signal, connection.signal]);
      const begunMs = Date.now();
      const watchdog = setInterval(() => this.#checkSilence(connection, begunMs), 1000);
      try {
        for await (const { event, data } of eventStream('GET events', undefined, ended)) {
          const wasLost = this.#status.state === 'retrying' || this.#status.state === 'silent';
          if (wasLost) this.#notify(EVERY_KIND);
          this.#heard(event === 'alive' ? data.troubles : this.#status.troubles);
          failures = 0;
          if (event === 'changed') this.#notify(data.kinds);
          if (event === 'bye') break;
        }
      } catch {
        // The state shows that it failed, and it is tried again. If the session has ended, the page knows
        // already.
      } finally {
        clearInterval(watchdog);
      }
      if (signal.aborted) return;
      this.#enter('retrying');
      await pause(RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length - 1)]!, signal);
    }
  }

  #heard(troubles: readonly string[]): void {
    this.#become({ state: 'live', heardAtMs: Date.now(), troubles });
  }

  /**
   * A connection that began at `begunMs` has its own time to be heard, however long the silence was before.
   */
  #checkSilence(connection: AbortController, begunMs: number): void {
    const { state, heardAtMs } = this.#status;
    if (heardAtMs === undefined) return;
    const silentMs = Date.now() - heardAtMs;
    if (silentMs > SILENT_MS && state === 'live') this.#enter('silent');
    if (Date.now() - Math.max(heardAtMs, begunMs) > BROKEN_MS) connection.abort();
  }

  #enter(state: LiveState): void {
    if (state !== this.#status.state) this.#become({ ...this.#status, state });
  }

  #become(status: LiveStatus): void {
    this.#status = status;
    for (const listener of this.#stateListeners) listener();
  }

  #notify(kinds: readonly ChangeKind[]): void {
    for (const listener of this.#changeListeners) listener(kinds);
  }
}

function added<T>(set: Set<T>, member: T): () => void {
  set.add(member);
  return () => set.delete(member);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
