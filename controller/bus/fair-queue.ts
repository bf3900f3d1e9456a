/** How a {@link FairQueue} works. */
export interface FairQueueOptions<T> {
  /** Does one piece of work; must not throw. */
  readonly work: (item: T) => Promise<void>;
  /** How many pieces of work run at a time. */
  readonly atOnce: number;
  /** How many of one lane run at a time. */
  readonly atOnceOfLane: number;
  /** How many of one lane may wait. */
  readonly waitingOfLane: number;
  /** Called before the work on an item begins, with the number of those that wait behind it. */
  readonly look: (waiting: number) => void;
  /** A monotonic clock. */
  readonly nowMs?: () => number;
}

/** For this long, work is begun without letting the event loop go on. */
const SLICE_MS = 5;

interface Lane<T> {
  readonly waiting: T[];
  running: number;
}

/**
 * A queue with a lane for each sender. The lanes take turns, so a sender of much waits for itself alone.
 *
 * Threat: one host's messages come before all others, and each of them keeps the event loop for some
 * milliseconds. So no lane has more than a few pieces of work under way, no lane can fill the memory, and
 * between slices of some milliseconds the event loop goes on.
 */
export class FairQueue<T> {
  readonly #options: FairQueueOptions<T>;
  /** Lanes with something to begin, in the order of their turns. */
  readonly #ready = new Map<string, Lane<T>>();
  readonly #lanes = new Map<string, Lane<T>>();
  #waiting = 0;
  #running = 0;
  /** Until when work may begin in this turn of the event loop; undefined if none has. */
  #sliceEndMs: number | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: FairQueueOptions<T>) {
    this.#options = options;
  }

  /** Adds an item. Returns false, and drops it, where too many of its lane wait. */
  add(name: string, item: T): boolean {
    const lane = this.#lanes.get(name) ?? { waiting: [], running: 0 };
    if (lane.waiting.length >= this.#options.waitingOfLane) return false;
    this.#lanes.set(name, lane);
    lane.waiting.push(item);
    this.#waiting += 1;
    this.#makeReady(name, lane);
    this.#pump();
    return true;
  }

  /** Resolves when nothing waits or runs. */
  async idle(): Promise<void> {
    if (this.#waiting + this.#running === 0) return;
    this.#idle ??= Promise.withResolvers();
    await this.#idle.promise;
  }

  #makeReady(name: string, lane: Lane<T>): void {
    if (lane.waiting.length > 0 && lane.running < this.#options.atOnceOfLane) this.#ready.set(name, lane);
  }

  /** Begins what may begin, for as long as the time slice of this turn of the event loop lasts. */
  #pump(): void {
    const { atOnce, nowMs = () => performance.now() } = this.#options;
    while (this.#running < atOnce) {
      const turn = this.#ready.entries().next().value;
      if (!turn) return;
      this.#sliceEndMs ??= this.#beginSlice(nowMs());
      if (nowMs() >= this.#sliceEndMs) return;
      this.#begin(...turn);
    }
  }

  #beginSlice(nowMs: number): number {
    setImmediate(() => {
      this.#sliceEndMs = undefined;
      this.#pump();
    });
    return nowMs + SLICE_MS;
  }

  #begin(name: string, lane: Lane<T>): void {
    const item = lane.waiting.shift()!;
    this.#ready.delete(name);
    this.#waiting -= 1;
    this.#running += 1;
    lane.running += 1;
    this.#makeReady(name, lane);
    this.#options.look(this.#waiting);
    void this.#options.work(item).finally(() => this.#end(name, lane));
  }

  #end(name: string, lane: Lane<T>): void {
    this.#running -= 1;
    lane.running -= 1;
    if (lane.running + lane.waiting.length === 0) this.#lanes.delete(name);
    this.#makeReady(name, lane);
    this.#pump();
    if (this.#waiting + this.#running > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
