import { useRef, useState } from 'react';
import { ApiError, eventStream, type PlanDraft, type PlanJson, toApiError } from '../../api/index.ts';

/** A plan, and its progress while it is made. */
export interface PlanRun {
  readonly plan: PlanJson | undefined;
  readonly progress: { readonly asked: number; readonly answered: number } | undefined;
  readonly error: ApiError | undefined;
  readonly isBusy: boolean;
  readonly run: (draft: PlanDraft) => Promise<void>;
  /** Id of the plan, if it was made for exactly this draft. */
  readonly idFor: (draft: PlanDraft) => string | undefined;
}

interface State extends Pick<PlanRun, 'plan' | 'progress' | 'error' | 'isBusy'> {
  /** The draft for which the plan was made, as JSON. */
  readonly draft: string | undefined;
}

const NO_PLAN: State = {
  plan: undefined,
  draft: undefined,
  progress: undefined,
  error: undefined,
  isBusy: false,
};

/** Asks hosts what a program would do on them. */
export function usePlan(): PlanRun {
  const [{ draft: planned, ...state }, setState] = useState(NO_PLAN);
  const stop = useRef<AbortController>(undefined);
  const run = async (draft: PlanDraft): Promise<void> => {
    stop.current?.abort();
    stop.current = new AbortController();
    const { signal } = stop.current;
    const set = (part: Partial<State>): void => {
      if (!signal.aborted) setState(before => ({ ...before, ...part }));
    };
    set({ ...NO_PLAN, draft: JSON.stringify(draft), isBusy: true });
    try {
      for await (const { event, data } of eventStream('POST plans', draft, signal)) {
        if (event === 'progress') set({ progress: data });
        if (event === 'plan') set({ plan: data });
        if (event === 'error') throw new ApiError(0, data.error.code, data.error.message);
      }
      set({ isBusy: false });
    } catch (thrown) {
      set({ isBusy: false, error: toApiError(thrown) });
    }
  };
  const idFor = (draft: PlanDraft): string | undefined =>
    planned === JSON.stringify(draft) ? state.plan?.id : undefined;
  return { ...state, run, idFor };
}
