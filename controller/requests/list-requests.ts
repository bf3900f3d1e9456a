import type { RequestSummary, RequestsQuery } from '../../shared/messages/index.ts';
import type { RequestRecord, RequestStore } from '../store/index.ts';
import { type SummaryDeps, summarizeRequest } from './view-request.ts';

const PAGE_REQUESTS = 100;

/**
 * The requests that fit, newest first. The requester is in the signed bytes alone, so to filter by requester
 * the bytes are read.
 */
export async function listRequests(
  deps: SummaryDeps & { readonly requests: Pick<RequestStore, 'newest'> },
  { limit, requester, states, sinceMs }: RequestsQuery,
): Promise<readonly RequestSummary[]> {
  const found: RequestRecord[] = [];
  for (let offset = 0; found.length < limit; offset += PAGE_REQUESTS) {
    const page = await deps.requests.newest({ limit: PAGE_REQUESTS, offset, states, sinceMs });
    found.push(...page.filter(({ request }) => requester === undefined || request.requester === requester));
    if (page.length < PAGE_REQUESTS) break;
  }
  return Promise.all(found.slice(0, limit).map(record => summarizeRequest(deps, record)));
}
