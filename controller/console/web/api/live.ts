import type { ChangeKind } from '../../../views/index.ts';
import { eventStream } from './event-stream.ts';

/** Whether the page receives notices of changes. While it is `retrying`, what is shown may be out of date. */
export type LiveState = 'connecting' | 'live' | 'retrying';

/** Delays between attempts: short at first, at most ten seconds, since a person is waiting. */
const RETRY_DELAYS_MS = [500, 1000, 2000, 5000, 10_000];

const EVERY_KIND: readonly ChangeKind[] = ['requests', 'hosts', 'trust'];

/** Receives notices of changes from the server, reconnects as long as it runs, and notifies its listeners. */
export class LiveChanges {
  #state: LiveState = 'connecting';
  #stop: AbortController | undefined;
  readonly #stateListeners = new Set<() => void>();
  readonly #changeListeners = new Set<(kinds: readonly ChangeKind[]) => void>();

  get state(): LiveState {
    return this.#state;
  }

  /** Calls `listener` when the state changes; returns the function that unsubscribes it. */
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
      try {
        for await (const { event, data } of eventStream('GET events', undefined, signal)) {
          if (this.#state === 'retrying') this.#notify(EVERY_KIND);
          this.#enter('live');
          failures = 0;
          if (event === 'changed') this.#notify(data.kinds);
          if (event === 'bye') break;
        }
      } catch {
        // The state shows that it failed, and it is tried again. If the session has ended, the page knows
        // already.
      }
      if (signal.aborted) return;
      this.#enter('retrying');
      await pause(RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length - 1)]!, signal);
    }
  }

  #enter(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
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
