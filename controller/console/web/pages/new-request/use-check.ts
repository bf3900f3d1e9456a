import { useEffect, useState } from 'react';
import { type ApiError, type CheckJson, type KnownKernel, post, toApiError } from '../../api/index.ts';
import { useDebounced } from './use-debounced.ts';

/** Time without typing after which the program is checked. */
const CHECK_DELAY_MS = 350;

/** The kernel build against which a program is checked. */
export type KernelChoice = Pick<KnownKernel, 'release' | 'version' | 'arch'>;

/** The newest check of a program against a kernel. */
export interface Checked {
  readonly check: CheckJson | undefined;
  readonly error: ApiError | undefined;
  readonly isBusy: boolean;
}

/** Checks a program while it is typed. The previous check stays until there is a new one. */
export function useCheck(program: string, kernel: KernelChoice | undefined): Checked {
  const settled = useDebounced(program, CHECK_DELAY_MS);
  const [reply, setReply] = useState<{ input?: string; check?: CheckJson; error?: ApiError }>({});
  const input =
    kernel && settled.trim() !== ''
      ? JSON.stringify({ program: settled, kernel: choiceOf(kernel) })
      : undefined;
  useEffect(() => {
    if (input === undefined) return setReply({});
    const stop = new AbortController();
    post('check', { body: JSON.parse(input), signal: stop.signal }).then(
      check => setReply({ input, check }),
      thrown => stop.signal.aborted || setReply({ input, error: toApiError(thrown) }),
    );
    return () => stop.abort();
  }, [input]);
  return { check: reply.check, error: reply.error, isBusy: reply.input !== input || settled !== program };
}

/** The members that identify a kernel build, and no others. */
export function choiceOf({ release, version, arch }: KernelChoice): KernelChoice {
  return { release, version, arch };
}
