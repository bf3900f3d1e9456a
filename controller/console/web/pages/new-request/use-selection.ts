import { useEffect, useState } from 'react';
import { type ApiError, post, type SelectionJson, toApiError } from '../../api/index.ts';
import { useDebounced } from './use-debounced.ts';

/** Time without typing after which the hosts are counted. */
const COUNT_DELAY_MS = 300;

/** The hosts that a selector matches. */
export interface Selection {
  readonly selection: SelectionJson | undefined;
  readonly error: ApiError | undefined;
  readonly isBusy: boolean;
}

/** Has the controller evaluate a selector while it is typed. */
export function useSelection(text: string): Selection {
  const selector = useDebounced(text.trim(), COUNT_DELAY_MS);
  const [reply, setReply] = useState<{ selector?: string; selection?: SelectionJson; error?: ApiError }>({});
  useEffect(() => {
    if (selector === '') return;
    const stop = new AbortController();
    post('selector', { body: { selector }, signal: stop.signal }).then(
      selection => setReply({ selector, selection }),
      thrown => stop.signal.aborted || setReply({ selector, error: toApiError(thrown) }),
    );
    return () => stop.abort();
  }, [selector]);
  const isCurrent = reply.selector === text.trim();
  return {
    selection: isCurrent ? reply.selection : undefined,
    error: isCurrent ? reply.error : undefined,
    isBusy: !isCurrent && text.trim() !== '',
  };
}
