import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { get } from './client.ts';
import { type ApiError, toApiError } from './errors.ts';
import { type ChangeKind, LiveChanges, type LiveState } from './live.ts';

/** The page's own {@link LiveChanges}. */
export const LiveContext = createContext(new LiveChanges());

/** Whether changes are heard of at the moment. */
export function useLiveState(): LiveState {
  const live = useContext(LiveContext);
  return useSyncExternalStore(live.watchState, () => live.state);
}

/** What a path of the API says. While it is asked again the old answer stays; `error` is about the newest try. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** Whether an answer is awaited. */
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** Asks `path`, and asks again whenever one of `kinds` changes; nothing for an undefined path. */
export function useApi<T>(path: string | undefined, ...kinds: readonly ChangeKind[]): Loaded<T> {
  const live = useContext(LiveContext);
  const [answer, setAnswer] = useState<Answer<T>>({});
  const [isLoading, setLoading] = useState(path !== undefined);
  const loader = useRef<Loader<T>>(undefined);
  loader.current ??= new Loader<T>(setAnswer, setLoading);
  const load = loader.current;

  useEffect(() => load.want(path), [path, load]);
  useEffect(() => () => load.want(undefined), [load]);
  const wantedKinds = kinds.join();
  useEffect(
    () => live.watch(changed => void (changed.some(kind => wantedKinds.includes(kind)) && load.again())),
    [live, wantedKinds, load],
  );
  const isCurrent = answer.path === path;
  return {
    data: isCurrent ? answer.data : undefined,
    error: isCurrent ? answer.error : undefined,
    isLoading: isLoading || (path !== undefined && !isCurrent),
    reload: () => load.again(),
  };
}

interface Answer<T> {
  readonly path?: string;
  readonly data?: T;
  readonly error?: ApiError;
}

/** Asks one path at a time, and of several wishes to ask again only once more. */
class Loader<T> {
  #path: string | undefined;
  #stop = new AbortController();
  #isBusy = false;
  #isAgain = false;
  readonly #onAnswer: (next: (before: Answer<T>) => Answer<T>) => void;
  readonly #onBusy: (isBusy: boolean) => void;

  constructor(onAnswer: (next: (before: Answer<T>) => Answer<T>) => void, onBusy: (isBusy: boolean) => void) {
    this.#onAnswer = onAnswer;
    this.#onBusy = onBusy;
  }

  want(path: string | undefined): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#path = path;
    this.#isBusy = false;
    this.again();
  }

  again(): void {
    this.#isAgain = true;
    if (!this.#isBusy && this.#path !== undefined) void this.#run(this.#path, this.#stop.signal);
  }

  async #run(path: string, signal: AbortSignal): Promise<void> {
    this.#isBusy = true;
    while (this.#isAgain && !signal.aborted) {
      this.#isAgain = false;
      this.#onBusy(true);
      const startedMs = performance.now();
      const answer = await answerOf<T>(path, signal);
      if (signal.aborted) return;
      this.#onAnswer(before => ({
        ...(before.path === path && before.data && { data: before.data }),
        ...answer,
      }));
      this.#onBusy(false);
      await pause(PAUSE_FACTOR * (performance.now() - startedMs), signal);
    }
    if (!signal.aborted) this.#isBusy = false;
  }
}

async function answerOf<T>(path: string, signal: AbortSignal): Promise<Answer<T>> {
  try {
    return { path, data: await get<T>(path, signal) };
  } catch (thrown) {
    return { path, error: toApiError(thrown) };
  }
}

/** How much longer than the last answer took it is waited before the next: a list of 10,000 hosts need not come each second. */
const PAUSE_FACTOR = 5;

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
