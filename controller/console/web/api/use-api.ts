import { createContext, useContext, useEffect, useSyncExternalStore } from 'react';
import useSWR from 'swr';
import type { ChangeKind } from '../../../views/index.ts';
import { get } from './client.ts';
import { type ApiError, toApiError } from './errors.ts';
import { LiveChanges, type LiveStatus } from './live.ts';
import { PacedReload } from './paced-reload.ts';
import type { ApiUrl } from './routes.ts';

/** The {@link LiveChanges} of this page. */
export const LiveContext = createContext(new LiveChanges());

/** Whether the page hears from the controller now, since when not, and what the controller cannot do. */
export function useLiveStatus(): LiveStatus {
  const live = useContext(LiveContext);
  return useSyncExternalStore(live.watchState, () => live.status);
}

/**
 * A reply of the API. While it is loaded again the previous reply stays; `error` is of the newest attempt.
 */
export interface Loaded<Reply> {
  readonly data: Reply | undefined;
  readonly error: ApiError | undefined;
  /** Whether the first reply is awaited. */
  readonly isLoading: boolean;
  readonly reload: () => void;
  /** Shows a reply that another call brought, and loads again. */
  readonly update: (reply: Reply) => void;
}

/** The page decides itself when it loads again, and takes each reply as a new one without comparing it. */
const OPTIONS = {
  revalidateOnFocus: false,
  revalidateOnReconnect: false,
  shouldRetryOnError: false,
  dedupingInterval: 0,
  compare: Object.is,
} as const;

/** Loads `url`, and again whenever one of `kinds` changes. An undefined URL loads nothing. */
export function useApi<Reply>(
  url: ApiUrl<Reply> | undefined,
  ...kinds: readonly ChangeKind[]
): Loaded<Reply> {
  const live = useContext(LiveContext);
  const { data, error, isLoading, mutate } = useSWR<Reply, ApiError>(url ?? null, load, OPTIONS);
  const wantedKinds = kinds.join();
  useEffect(() => {
    if (url === undefined) return;
    const paced = new PacedReload(() => mutate());
    const unsubscribe = live.watch(changed => {
      if (changed.some(kind => wantedKinds.includes(kind))) paced.request();
    });
    return () => {
      unsubscribe();
      paced.stop();
    };
  }, [live, wantedKinds, mutate, url]);
  return {
    data,
    error,
    isLoading,
    reload: () => void mutate(),
    update: reply => void mutate(reply),
  };
}

async function load<Reply>(url: ApiUrl<Reply>): Promise<Reply> {
  try {
    return await get(url);
  } catch (thrown) {
    throw toApiError(thrown);
  }
}
