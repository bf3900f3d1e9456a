import { useEffect, useState } from 'react';
import { type ApiError, type CheckJson, type KernelJson, post, toApiError } from '../../api/index.ts';
import { useDebounced } from './use-debounced.ts';

const STILL_MS = 350;

/** Which kernel a program is checked against. */
export type KernelRef = Pick<KernelJson, 'release' | 'version' | 'arch'>;

/** What is known of a program against a kernel. */
export interface Checked {
  readonly check: CheckJson | undefined;
  readonly error: ApiError | undefined;
  readonly isBusy: boolean;
}

/** Checks a program as one types; what was found before stays until there is news. */
export function useCheck(program: string, kernel: KernelRef | undefined): Checked {
  const settled = useDebounced(program, STILL_MS);
  const [answer, setAnswer] = useState<{ asked?: string; check?: CheckJson; error?: ApiError }>({});
  const body =
    kernel && settled.trim() !== '' ? JSON.stringify({ program: settled, kernel: refOf(kernel) }) : undefined;
  useEffect(() => {
    if (body === undefined) return setAnswer({});
    const stop = new AbortController();
    post<CheckJson>('/api/check', JSON.parse(body), stop.signal).then(
      check => setAnswer({ asked: body, check }),
      thrown => stop.signal.aborted || setAnswer({ asked: body, error: toApiError(thrown) }),
    );
    return () => stop.abort();
  }, [body]);
  return { check: answer.check, error: answer.error, isBusy: answer.asked !== body || settled !== program };
}

/** Only what names the kernel. */
export function refOf({ release, version, arch }: KernelRef): KernelRef {
  return { release, version, arch };
}
