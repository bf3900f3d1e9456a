import { eventStream } from './event-stream.ts';

/** What can change. */
export type ChangeKind = 'requests' | 'hosts' | 'trust';

/** Whether changes are heard of. `retrying` says that what is shown may be old. */
export type LiveState = 'connecting' | 'live' | 'retrying';

/** Waits between tries: short at first, never longer than ten seconds, since somebody waits. */
const RETRY_MS = [500, 1000, 2000, 5000, 10_000];

/** Hears of changes from the server, reconnects for ever, and tells who asked. */
export class LiveChanges {
  #state: LiveState = 'connecting';
  #stop: AbortController | undefined;
  readonly #onState = new Set<() => void>();
  readonly #onChange = new Set<(kinds: readonly ChangeKind[]) => void>();

  get state(): LiveState {
    return this.#state;
  }

  readonly watchState = (told: () => void): (() => void) => added(this.#onState, told);

  /** Calls `told` at each change, and after each reconnection with every kind, since something may have been missed. */
  watch(told: (kinds: readonly ChangeKind[]) => void): () => void {
    return added(this.#onChange, told);
  }

  /** Begins to listen, until {@link stop}. */
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
        for await (const { event, data } of eventStream('/api/events', { signal })) {
          if (this.#state === 'retrying') this.#tell(['requests', 'hosts', 'trust']);
          this.#enter('live');
          failures = 0;
          if (event === 'changed') this.#tell(kindsIn(data));
          if (event === 'bye') break;
        }
      } catch {
        // Whatever it was: the state says so, and it is tried again. A session that has ended was told to the page.
      }
      if (signal.aborted) return;
      this.#enter('retrying');
      await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]!, signal);
    }
  }

  #enter(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const told of this.#onState) told();
  }

  #tell(kinds: readonly ChangeKind[]): void {
    for (const told of this.#onChange) told(kinds);
  }
}

function kindsIn(data: string): readonly ChangeKind[] {
  try {
    const { kinds } = JSON.parse(data) as { kinds?: readonly ChangeKind[] };
    return kinds ?? [];
  } catch {
    return [];
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
