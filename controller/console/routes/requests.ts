import { z } from 'zod';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  AUDIT_LIMIT,
  type CallDraft,
  GROUPS_LIMIT,
  type RequestState,
  type RequestView,
} from '../../../shared/messages/index.ts';
import type { Outcome } from '../../../shared/outcome/index.ts';
import {
  hostResultOf,
  hostResultToJson,
  namedGroups,
  parseFilter,
  parseGroupBy,
  readRequestView,
  requestToJson,
  summaryToJson,
  sumsToJson,
  timelineOf,
} from '../../views/index.ts';
import type { SentEvent } from '../http/index.ts';
import { bodyOf, type ConsoleCall, numberIn, objectSchema, type Route } from './route.ts';

const LIST_LIMIT = 500;
const PAGE_LIMIT = 500;
const NO_OUTCOMES: readonly Outcome[] = [];

/** A request for the page. */
export function requestJson(view: RequestView, id?: string): object {
  return requestToJson(readRequestView(view, id));
}

const actSchema = z.strictObject({
  reason: z.string().min(1, 'say why').max(1024),
  wave: z.int().min(0).max(10_000).default(0),
});
const retrySchema = z.strictObject({
  reason: z.string().min(1, 'say why').max(1024),
  only: z.array(z.string()).min(1),
});

/** Requests, what became of them, and what can be done about them without a signature. */
export const REQUEST_ROUTES: readonly Route[] = [
  { method: 'GET', path: 'requests', answer: listRequests },
  {
    method: 'POST',
    path: 'requests',
    answer: async ({ calls, body }) =>
      requestJson(await calls.call('createRequest', bodyOf(objectSchema, body) as CallDraft)),
  },
  {
    method: 'GET',
    path: 'requests/:id',
    answer: async ({ calls, params: { id = '' } }) => requestJson(await calls.call('getRequest', { id }), id),
  },
  { method: 'GET', path: 'requests/:id/events', events: requestEvents },
  { method: 'GET', path: 'requests/:id/report', answer: report },
  { method: 'GET', path: 'requests/:id/hosts', answer: listHosts },
  { method: 'GET', path: 'requests/:id/hosts/:host', answer: oneHost },
  { method: 'GET', path: 'requests/:id/timeline', answer: timeline },
  { method: 'POST', path: 'requests/:id/pause', answer: act('pauseRollout') },
  { method: 'POST', path: 'requests/:id/resume', answer: act('resumeRollout') },
  { method: 'POST', path: 'requests/:id/promote', answer: act('promoteRollout') },
  {
    method: 'POST',
    path: 'requests/:id/retry',
    answer: async ({ calls, params: { id = '' }, body }) => {
      const { reason, only } = bodyOf(retrySchema, body);
      return requestJson(await calls.call('retryRequest', { id, reason, only: only as Outcome[] }), id);
    },
  },
];

async function listRequests({ calls, query }: ConsoleCall): Promise<object> {
  const requester = query.get('requester');
  const states = query.getAll('state') as RequestState[];
  const { requests } = await calls.call('listRequests', {
    limit: Math.min(numberIn(query, 'limit', 100), LIST_LIMIT),
    ...(requester !== null && { requester }),
    ...(states.length > 0 && { states }),
  });
  return { requests: requests.map(summaryToJson) };
}

async function* requestEvents({
  calls,
  params: { id = '' },
  signal,
}: ConsoleCall): AsyncGenerator<SentEvent> {
  for await (const { request, host } of calls.stream('watchRequest', { id, follow: true }, signal)) {
    if (request) yield { event: 'request', data: requestJson(request, id) };
    if (host) yield { event: 'host', data: hostResultToJson(hostResultOf(host)) };
  }
  yield { event: 'end', data: {} };
}

async function report({ calls, params: { id = '' }, query }: ConsoleCall): Promise<object> {
  const groupBy = parseGroupBy(query.get('groupBy') ?? 'outcome');
  const filter = parseFilter(query.getAll('filter'));
  const view = await calls.call('getReport', { id, filter, groupBy: [...groupBy], limit: GROUPS_LIMIT });
  const { state, matchingHosts, otherGroups, otherHosts } = view;
  return {
    ...{ id, state, sums: sumsToJson(view), matchingHosts, otherGroups, otherHosts },
    groups: namedGroups(view, groupBy),
  };
}

/** A page of hosts by name: those behind `after`. */
async function listHosts({ calls, params: { id = '' }, query, signal }: ConsoleCall): Promise<object> {
  const filter = parseFilter(query.getAll('filter'));
  const afterHost = query.get('after') || undefined;
  const limit = Math.min(numberIn(query, 'limit', 200), PAGE_LIMIT);
  const hosts: object[] = [];
  let last = '';
  for await (const found of calls.stream('listReport', { id, filter, afterHost }, signal)) {
    if (hosts.length === limit) return { hosts, next: last };
    hosts.push(hostResultToJson(hostResultOf(found)));
    last = found.host;
  }
  return { hosts };
}

async function oneHost({ calls, params: { id = '', host = '' }, signal }: ConsoleCall): Promise<object> {
  const filter = { ...parseFilter([]), outcomes: [...NO_OUTCOMES], hosts: [host] };
  for await (const found of calls.stream('listReport', { id, filter }, signal))
    if (found.host === host) return hostResultToJson(hostResultOf(found));
  throw new FarcallError('NOT_FOUND', `request ${id} does not expect ${host}`);
}

async function timeline({ calls, params: { id = '' }, signal }: ConsoleCall): Promise<object> {
  await calls.call('getRequest', { id });
  const entries = calls.stream('listAudit', { requestId: id, afterSeq: 0, limit: AUDIT_LIMIT }, signal);
  const moments: object[] = [];
  for await (const moment of timelineOf(entries)) moments.push(moment);
  return { moments };
}

function act(method: 'pauseRollout' | 'resumeRollout' | 'promoteRollout') {
  return async ({ calls, params: { id = '' }, body }: ConsoleCall): Promise<object> =>
    requestJson(await calls.call(method, { id, ...bodyOf(actSchema, body) }), id);
}
