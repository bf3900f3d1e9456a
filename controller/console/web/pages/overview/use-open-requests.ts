import { useEffect, useState } from 'react';
import {
  type ApiError,
  get,
  type MeJson,
  type RequestJson,
  type RequestState,
  urlOf,
  useApi,
} from '../../api/index.ts';
import { mayApprove, useMe } from '../../nav/index.ts';

/** Open requests that the first page shows; the list of requests has the others. */
const REQUESTS_SHOWN = 12;

const OPEN_STATES: readonly RequestState[] = ['pending', 'rejected', 'approved', 'dispatched', 'aborting'];

/** The open requests: those that need this person, and the others. */
export interface OpenRequestList {
  readonly isLoading: boolean;
  readonly error: ApiError | undefined;
  readonly needsYou: readonly RequestJson[];
  readonly others: readonly RequestJson[];
  /** Open requests that are not among them. */
  readonly more: number;
}

/** Loads the open requests, and again when something changes. */
export function useOpenRequests(): OpenRequestList {
  const me = useMe();
  const list = useApi(urlOf('requests', {}, { limit: 100, state: OPEN_STATES }), 'requests');
  const [details, setDetails] = useState<readonly RequestJson[]>();
  const summaries = list.data?.requests;
  useEffect(() => {
    if (!summaries) return;
    let isWanted = true;
    const ids = summaries.slice(0, REQUESTS_SHOWN).map(({ id }) => id);
    void Promise.all(ids.map(id => get(urlOf('requests/:id', { id })).catch(() => undefined))).then(found => {
      if (isWanted) setDetails(found.filter(request => request !== undefined));
    });
    return () => {
      isWanted = false;
    };
  }, [summaries]);
  const open = (details ?? []).filter(({ status }) => OPEN_STATES.includes(status.state));
  return {
    isLoading: details === undefined && list.error === undefined,
    error: list.error,
    needsYou: open.filter(request => needs(request, me)),
    others: open.filter(request => !needs(request, me)),
    more: Math.max(0, (summaries?.length ?? 0) - REQUESTS_SHOWN),
  };
}

/** Whether the request cannot continue without this person, or another one with the same role. */
function needs({ requester, status }: RequestJson, me: MeJson): boolean {
  const { state, decisions, rollout } = status;
  const hasDecided = decisions.some(({ approver, withdrawn }) => approver === me.name && !withdrawn);
  if (state === 'pending') return mayApprove(me) && requester !== me.name && !hasDecided;
  return rollout !== undefined && ['awaiting-promotion', 'paused', 'stopped'].includes(rollout.state);
}
