import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { workerUrl } from '../../../shared/assets/index.ts';
import {
  type HostStatementJob,
  type HostStatementVerdict,
  verifyStoredStatement,
} from './verify-stored-statement.ts';

/** Verifies what hosts signed. */
export interface HostStatementVerifier {
  check(job: HostStatementJob): Promise<HostStatementVerdict>;
  close(): Promise<void>;
}

/** How {@link hostStatementVerifier} divides its work. */
export interface HostStatementVerifierOptions {
  /**
   * How many statements are verified in this thread first; for a small store, starting threads would take
   * longer than they save.
   */
  readonly alone?: number;
  readonly threads?: number;
}

const BATCH = 64;
const MOST_THREADS = 16;
/** Verifying leaves much short-lived garbage; small generations keep it from piling up. */
const LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

interface Waiting {
  readonly job: HostStatementJob;
  readonly settle: (verdict: HostStatementVerdict) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * A verifier that starts threads, one for each processor, once there is work for them: verifying signatures
 * takes most of the time.
 */
export function hostStatementVerifier({
  alone = 1000,
  threads = Math.min(availableParallelism(), MOST_THREADS),
}: HostStatementVerifierOptions = {}): HostStatementVerifier {
  let left = alone;
  let pool: ThreadPool | undefined;
  return {
    check(job) {
      if (left-- > 0) return verifyStoredStatement(job);
      pool ??= new ThreadPool(threads);
      return pool.check(job);
    },
    close: async () => pool?.close(),
  };
}

class ThreadPool {
  readonly #workers: readonly Worker[];
  readonly #sent = new Map<number, readonly Waiting[]>();
  #batch: Waiting[] = [];
  #nextId = 0;
  #broken: Error | undefined;
  #closing = false;

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads }, () => this.#start());
  }

  check(job: HostStatementJob): Promise<HostStatementVerdict> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((settle, fail) => {
      if (this.#batch.length === 0) setImmediate(() => this.#send());
      this.#batch.push({ job, settle, fail });
      if (this.#batch.length === BATCH) this.#send();
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#workers.map(worker => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(workerUrl('statement-worker', import.meta.url), {
      resourceLimits: LIMITS,
    });
    worker.on('message', ({ id, verdicts }: { id: number; verdicts: readonly HostStatementVerdict[] }) => {
      for (const [index, { settle }] of this.#sent.get(id)?.entries() ?? [])
        settle(verdicts[index] ?? { problem: 'was not verified' });
      this.#sent.delete(id);
    });
    worker.on('error', error => this.#break(error));
    worker.on('exit', () => this.#break(new Error('a thread that verifies signatures ended')));
    return worker;
  }

  /**
   * A verdict that never comes would look like work that still goes on, so one dead thread fails everything.
   */
  #break(error: unknown): void {
    if (this.#closing) return;
    this.#broken ??= error instanceof Error ? error : new Error(String(error));
    for (const { fail } of [...this.#sent.values(), this.#batch].flat()) fail(this.#broken);
    this.#sent.clear();
    this.#batch = [];
  }

  #send(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    const id = this.#nextId++;
    this.#sent.set(id, batch);
    this.#workers[id % this.#workers.length]?.postMessage({ id, jobs: batch.map(({ job }) => job) });
  }
}
