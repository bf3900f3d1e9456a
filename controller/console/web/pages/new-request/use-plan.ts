import { useRef, useState } from 'react';
import { ApiError, eventStream, type PlanJson, postOf, toApiError } from '../../api/index.ts';

/** A plan while it is made, and when it is there. */
export interface PlanRun {
  readonly plan: PlanJson | undefined;
  /** What it was asked for, as JSON. */
  readonly asked: string | undefined;
  readonly progress: { readonly asked: number; readonly answered: number } | undefined;
  readonly error: ApiError | undefined;
  readonly isBusy: boolean;
  readonly run: (draft: object) => Promise<void>;
}

type State = Omit<PlanRun, 'run'>;

const NONE: State = {
  plan: undefined,
  asked: undefined,
  progress: undefined,
  error: undefined,
  isBusy: false,
};

/** Has hosts asked what a program would do there. */
export function usePlan(): PlanRun {
  const [state, setState] = useState(NONE);
  const stop = useRef<AbortController>(undefined);
  const run = async (draft: object): Promise<void> => {
    stop.current?.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    const asked = JSON.stringify(draft);
    const set = (part: Partial<State>): void => {
      if (!signal.aborted) setState(before => ({ ...before, ...part }));
    };
    set({ ...NONE, asked, isBusy: true });
    try {
      for await (const { event, data } of eventStream('/api/plans', { ...postOf(draft), signal })) {
        if (event === 'progress') set({ progress: JSON.parse(data) });
        if (event === 'plan') set({ plan: JSON.parse(data) });
        if (event === 'error') throw errorIn(data);
      }
      set({ isBusy: false });
    } catch (thrown) {
      set({ isBusy: false, error: toApiError(thrown) });
    }
  };
  return { ...state, run };
}

function errorIn(data: string): ApiError {
  const { error } = JSON.parse(data) as { error?: { code?: string; message?: string } };
  return new ApiError(0, error?.code ?? 'INTERNAL', error?.message ?? 'the plan failed');
}
