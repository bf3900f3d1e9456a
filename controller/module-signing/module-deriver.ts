import { Worker } from 'node:worker_threads';
import { workerUrl } from '../../shared/assets/index.ts';
import { type ErrorCode, FarcallError } from '../../shared/errors/index.ts';
import type { DerivedModule, ModuleToDerive } from './derive-module.ts';

/** Compiles modules in a thread of its own. */
export interface ModuleDeriver {
  /**
   * Throws what `deriveModule` throws, SIGNING_REFUSED where it takes too long, RATE_LIMITED where too many
   * wait.
   */
  derive(module: ModuleToDerive): Promise<DerivedModule>;
  close(): Promise<void>;
}

/** How long one compilation may take; the largest programs take some 100 ms. */
const TIME_LIMIT_MS = 10_000;
const MEMORY_LIMIT = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };
/** More that wait would be answered after their hosts have given up. */
const WAITING_LIMIT = 256;

type Answer =
  | { readonly derived: DerivedModule }
  | { readonly failed: { readonly code: ErrorCode; readonly message: string } };

/**
 * A thread that compiles, one module after the other; it is started with the first, and again after one that
 * took too long.
 *
 * Threat: facts of a hostile host that keep the compiler busy, or make it take all memory, would stop the
 * controller for everybody. So it compiles elsewhere, with little memory, and is ended when its time is over.
 */
export function moduleDeriver(): ModuleDeriver {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const deriveNext = async (module: ModuleToDerive): Promise<DerivedModule> => {
    worker ??= startWorker();
    const used = worker;
    const answer = await answerOf(used, module);
    if (answer !== undefined) return resultOf(answer);
    if (worker === used) worker = undefined;
    await used.terminate();
    throw new FarcallError(
      'SIGNING_REFUSED',
      'the module could not be compiled within the limits of time and memory',
    );
  };
  return {
    async derive(module) {
      if (waiting >= WAITING_LIMIT)
        throw new FarcallError('RATE_LIMITED', 'too many modules wait for a signature; try again later');
      waiting++;
      const next = last.then(() => deriveNext(module)).finally(() => waiting--);
      last = next.catch(() => undefined);
      return next;
    },
    async close() {
      await worker?.terminate();
    },
  };
}

function startWorker(): Worker {
  const worker = new Worker(workerUrl('derive-worker', import.meta.url), {
    resourceLimits: MEMORY_LIMIT,
  });
  // It must not keep a controller alive that has nothing else to do; and its end is noticed by anyone who
  // waits.
  worker.unref();
  worker.on('error', () => undefined);
  return worker;
}

/** Undefined where it ended or did not answer in time. */
function answerOf(worker: Worker, module: ModuleToDerive): Promise<Answer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
  const timer = setTimeout(resolve, TIME_LIMIT_MS, undefined);
  const ended = (): void => resolve(undefined);
  worker.once('message', resolve);
  worker.once('exit', ended);
  worker.postMessage(module);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off('message', resolve);
    worker.off('exit', ended);
  });
}

function resultOf(answer: Answer): DerivedModule {
  if ('derived' in answer) return answer.derived;
  throw new FarcallError(answer.failed.code, answer.failed.message);
}
