/** The parts of {@link batchedWriter} that differ by what is written. */
export interface BatchedWriterOptions<Item> {
  /** Of the items with one key, one is queued. */
  readonly keyOf: (item: Item) => string;
  /** Which of two items with one key is queued. */
  readonly pick: (before: Item, next: Item) => Item;
  readonly write: (batch: readonly Item[]) => Promise<void>;
  /** How long items are collected, in milliseconds; a second if absent. */
  readonly gatherMs?: number;
  /**
   * Is told the error of a write, and whether the write before it succeeded. Items that it returns are queued
   * again.
   */
  readonly onError: (error: unknown, batch: readonly Item[], isFirst: boolean) => readonly Item[];
}

/** Writes items, many in one transaction. */
export interface BatchedWriter<Item> {
  /** Queues an item, which is written once items were collected. */
  take(item: Item): void;
  /** Writes what is queued. Later items are ignored. */
  stop(): Promise<void>;
}

/**
 * How long items are collected. There is at most one transaction in this time, for any number of hosts.
 */
const GATHER_MS = 1000;

/** A writer whose queue never exceeds the number of keys. One write follows the other. */
export function batchedWriter<Item>(options: BatchedWriterOptions<Item>): BatchedWriter<Item> {
  const { keyOf, pick, write, onError, gatherMs = GATHER_MS } = options;
  let waiting = new Map<string, Item>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let isFailing = false;
  let isStopped = false;

  const take = (item: Item): void => {
    if (isStopped) return;
    const key = keyOf(item);
    const before = waiting.get(key);
    waiting.set(key, before === undefined ? item : pick(before, item));
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(writeQueued);
    }, gatherMs);
  };
  const writeQueued = async (): Promise<void> => {
    const batch = [...waiting.values()];
    waiting = new Map();
    if (batch.length === 0) return;
    try {
      await write(batch);
      isFailing = false;
    } catch (error) {
      const again = onError(error, batch, !isFailing);
      isFailing = true;
      for (const item of again) take(item);
    }
  };
  return {
    take,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await writing;
      await writeQueued();
    },
  };
}
