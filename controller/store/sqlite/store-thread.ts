import { Worker } from 'node:worker_threads';
import { workerUrl } from '../../../shared/assets/index.ts';
import { FarcallError } from '../../../shared/errors/index.ts';
import type { StoreKey } from '../core/index.ts';
import type { StatementRunner } from './dialect.ts';
import type { Statement, StatementResult } from './run-statement.ts';
import { type PackedError, unpackError } from './thread-errors.ts';

/** What the thread is started with. */
export interface ThreadInput {
  readonly path: string;
  readonly key: StoreKey;
}

/** What the thread is to do. */
export type ThreadTask =
  | ({ readonly kind: 'run'; readonly id: number } & Statement)
  | { readonly kind: 'close' };

/** What became of the task `id`; 0 is the opening. */
export type ThreadAnswer = { readonly id: number } & (
  | { readonly result: StatementResult }
  | { readonly failed: PackedError }
);

/**
 * Opens the SQLite file `path` in a thread of its own, as `openDatabase` does, and throws what that throws.
 *
 * COMMIT waits for the disk, and the event loop goes on meanwhile. Statements are run in the order in which
 * they are handed over. If the thread ends by itself, everything that waits and everything later is refused
 * with INTERNAL, and `lost` is called once: what SQLite has not committed is gone then, and nobody was told
 * that it stays.
 */
export async function startStoreThread(
  input: ThreadInput,
  lost: (error: FarcallError) => void,
  start: (input: ThreadInput) => Worker = startWorker,
): Promise<StatementRunner> {
  const thread = new StoreThread(start(input), lost);
  // A thread that cannot open the file ends by itself.
  await thread.opened;
  return thread;
}

function startWorker(workerData: ThreadInput): Worker {
  return new Worker(workerUrl('store-worker', import.meta.url), { workerData });
}

class StoreThread implements StatementRunner {
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<StatementResult>>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #lost: (error: FarcallError) => void;
  #nextId = 0;
  #isOpen = false;
  #isClosing = false;
  #broken: FarcallError | undefined;

  constructor(worker: Worker, lost: (error: FarcallError) => void) {
    this.#lost = lost;
    this.#worker = worker;
    this.#worker.on('message', (answer: ThreadAnswer) => this.#settle(answer));
    this.#worker.on('error', cause => this.#break(cause));
    this.#worker.on('exit', () => {
      this.#break();
      this.#ended.resolve();
    });
    this.opened = this.#expect().promise;
  }

  run({ sql, parameters }: Statement): Promise<StatementResult> {
    if (this.#broken) return Promise.reject(this.#broken);
    const { id, promise } = this.#expect();
    const own = parameters.map(alone);
    this.#worker.postMessage({ kind: 'run', id, sql, parameters: own } satisfies ThreadTask);
    return promise;
  }

  /** Resolves when what was handed over is done and the file is closed. */
  async close(): Promise<void> {
    if (!this.#isClosing && !this.#broken) {
      this.#isClosing = true;
      this.#worker.ref();
      this.#worker.postMessage({ kind: 'close' } satisfies ThreadTask);
    }
    await this.#ended.promise;
  }

  #expect(): { readonly id: number; readonly promise: Promise<StatementResult> } {
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<StatementResult>();
    // A store that nobody uses does not keep the process alive.
    if (this.#waiting.size === 0) this.#worker.ref();
    this.#waiting.set(id, waiting);
    return { id, promise: waiting.promise };
  }

  #settle(answer: ThreadAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0 && !this.#isClosing) this.#worker.unref();
    if ('failed' in answer) waiting?.reject(unpackError(answer.failed));
    else {
      this.#isOpen = true;
      waiting?.resolve(answer.result);
    }
  }

  #break(cause?: unknown): void {
    if (this.#broken) return;
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    this.#broken = new FarcallError('INTERNAL', `the thread of the store has ended${why}`, { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#broken);
    this.#waiting.clear();
    if (this.#isOpen && !this.#isClosing) this.#lost(this.#broken);
  }
}

/**
 * Bytes without those around them: a view is sent with the whole buffer that it is a part of, which may be
 * all that was just read from the broker.
 */
function alone(value: unknown): unknown {
  return value instanceof Uint8Array && value.byteLength < value.buffer.byteLength
    ? new Uint8Array(value)
    : value;
}
