import { useEffect, useState } from 'react';
import { type ApiError, post, type SelectionJson, toApiError } from '../../api/index.ts';
import { useDebounced } from './use-debounced.ts';

const STILL_MS = 300;

/** Which hosts a selector matches. */
export interface Selection {
  readonly selection: SelectionJson | undefined;
  readonly error: ApiError | undefined;
  readonly isBusy: boolean;
}

/** Asks as one types. */
export function useSelection(selector: string): Selection {
  const asked = useDebounced(selector.trim(), STILL_MS);
  const [answer, setAnswer] = useState<{ asked?: string; selection?: SelectionJson; error?: ApiError }>({});
  useEffect(() => {
    if (asked === '') return;
    const stop = new AbortController();
    post<SelectionJson>('/api/selector', { selector: asked }, stop.signal).then(
      selection => setAnswer({ asked, selection }),
      thrown => stop.signal.aborted || setAnswer({ asked, error: toApiError(thrown) }),
    );
    return () => stop.abort();
  }, [asked]);
  const isCurrent = answer.asked === selector.trim();
  return {
    selection: isCurrent ? answer.selection : undefined,
    error: isCurrent ? answer.error : undefined,
    isBusy: !isCurrent && selector.trim() !== '',
  };
}
