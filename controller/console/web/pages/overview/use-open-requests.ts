import { useEffect, useState } from 'react';
import { type ApiError, get, type Me, type RequestJson, type SummaryJson, useApi } from '../../api/index.ts';
import { mayApprove, useMe } from '../../nav/index.ts';

/** Open requests that are shown on the first page; the list has the others. */
const SHOWN = 12;

const OPEN = ['pending', 'rejected', 'approved', 'dispatched', 'aborting'];

/** The open requests, by whom they wait for. */
export interface OpenRequests {
  readonly isLoading: boolean;
  readonly error: ApiError | undefined;
  readonly needsYou: readonly RequestJson[];
  readonly others: readonly RequestJson[];
  /** Open requests that are not among them. */
  readonly more: number;
}

/** Loads the open requests, and again when something changes. */
export function useOpenRequests(): OpenRequests {
  const me = useMe();
  const list = useApi<{ requests: readonly SummaryJson[] }>(
    `/api/requests?limit=100&${OPEN.map(state => `state=${state}`).join('&')}`,
    'requests',
  );
  const [details, setDetails] = useState<readonly RequestJson[]>();
  const summaries = list.data?.requests;
  useEffect(() => {
    if (!summaries) return;
    let isWanted = true;
    const ids = summaries.slice(0, SHOWN).map(({ id }) => id);
    void Promise.all(ids.map(id => get<RequestJson>(`/api/requests/${id}`).catch(() => undefined))).then(
      found => {
        if (isWanted) setDetails(found.filter(request => request !== undefined));
      },
    );
    return () => {
      isWanted = false;
    };
  }, [summaries]);
  const open = (details ?? []).filter(({ standing }) => OPEN.includes(standing.state));
  return {
    isLoading: details === undefined && list.error === undefined,
    error: list.error,
    needsYou: open.filter(request => needs(request, me)),
    others: open.filter(request => !needs(request, me)),
    more: Math.max(0, (summaries?.length ?? 0) - SHOWN),
  };
}

/** Whether it cannot go on without this person, or somebody with the same role. */
function needs({ requester, standing }: RequestJson, me: Me): boolean {
  const { state, decisions, rollout } = standing;
  const hasDecided = decisions.some(({ approver, withdrawn }) => approver === me.name && !withdrawn);
  if (state === 'pending') return mayApprove(me) && requester !== me.name && !hasDecided;
  return rollout !== undefined && ['awaiting-promotion', 'paused', 'stopped'].includes(rollout.state);
}
