import { FarcallError } from '../../../shared/errors/index.ts';
import {
  AUDIT_LIMIT,
  EVERY_HOST,
  GROUPS_LIMIT,
  type RequestState,
  type RequestView,
  type RowCounts,
} from '../../../shared/messages/index.ts';
import {
  type ConsoleApi,
  type EventOf,
  type HostResultJson,
  type HostResultPageJson,
  hostResultInTurn,
  hostResultToJson,
  namedGroups,
  parseFilter,
  parseGroupBy,
  type ReportJson,
  type RequestJson,
  type RequestListJson,
  type ReviewListJson,
  type RowsJson,
  readRequestView,
  requestToJson,
  resultBytesOf,
  summaryToJson,
  sumsToJson,
  type TimelineEvent,
  type TimelineJson,
  timelineOf,
} from '../../views/index.ts';
import { type ConsoleCall, numberIn, type Routes } from './route.ts';

/** Requests, and hosts, in one reply. */
const REQUESTS_LIMIT = 500;
const HOSTS_LIMIT = 500;

/** A request for the page. Throws MESSAGE_INVALID where it is not the request `id`. */
export function requestJson(view: RequestView, id?: string): RequestJson {
  return requestToJson(readRequestView(view, id));
}

/** Requests and their results. */
export const REQUEST_ROUTES = {
  'GET requests': listRequests,
  'GET reviews': listReviews,
  'GET requests/:id': getRequest,
  'GET requests/:id/events': requestEvents,
  'GET requests/:id/report': report,
  'GET requests/:id/rows': listRows,
  'GET requests/:id/hosts': listHosts,
  'GET requests/:id/hosts/:host': getHost,
  'GET requests/:id/timeline': timeline,
} satisfies Partial<Routes>;

async function listRequests({ api, query }: ConsoleCall): Promise<RequestListJson> {
  const requester = query.get('requester');
  const states = query.getAll('state') as RequestState[];
  const { requests } = await api.call('listRequests', {
    limit: Math.min(numberIn(query, 'limit', 100), REQUESTS_LIMIT),
    ...(requester !== null && { requester }),
    ...(query.has('sinceMs') && { sinceMs: numberIn(query, 'sinceMs', 0) }),
    ...(states.length > 0 && { states }),
  });
  return { requests: requests.map(summaryToJson) };
}

async function listReviews({ api }: ConsoleCall): Promise<ReviewListJson> {
  const { emergencies } = await api.call('listEmergencies', {});
  return { emergencies: emergencies.map(each => ({ ...each, request: summaryToJson(each.request) })) };
}

async function getRequest({ api, params: { id = '' } }: ConsoleCall): Promise<RequestJson> {
  return requestJson(await api.call('getRequest', { id }), id);
}

type RequestStreamEvent = EventOf<ConsoleApi['GET requests/:id/events']['events']>;

async function* requestEvents(call: ConsoleCall): AsyncGenerator<RequestStreamEvent> {
  const { api, signal } = call;
  const { id = '' } = call.params;
  for await (const { request, host } of api.stream('watchRequest', { id, follow: true }, signal)) {
    if (request) yield { event: 'request', data: requestJson(request, id) };
    if (host) yield { event: 'host', data: hostResultToJson(await hostResultInTurn(host)) };
  }
  yield { event: 'end', data: {} };
}

async function report({ api, params: { id = '' }, query }: ConsoleCall): Promise<ReportJson> {
  const groupBy = parseGroupBy(query.get('groupBy') ?? 'outcome');
  const filter = parseFilter(query.getAll('filter'));
  const view = await api.call('getReport', { id, filter, groupBy: [...groupBy], limit: GROUPS_LIMIT });
  const { state, matchingHosts, otherGroups, otherHosts } = view;
  return {
    ...{ id, state, sums: sumsToJson(view), matchingHosts, otherGroups, otherHosts },
    groups: namedGroups(view, groupBy),
  };
}

/** Rows in one reply: what a browser shows well. */
const ROWS_LIMIT = 2000;
const NO_ROWS: RowCounts = { rows: 0, matching: 0, hosts: 0, dropped: 0, others: 0 };

async function listRows({ api, params: { id = '' }, query, signal }: ConsoleCall): Promise<RowsJson> {
  const asked = {
    ...{ id, where: query.get('where') ?? '', sort: query.get('sort') ?? '', of: query.get('of') ?? '' },
    groupBy: query.getAll('groupBy'),
    writes: query.get('writes') === '1',
    limit: Math.min(numberIn(query, 'limit', ROWS_LIMIT), ROWS_LIMIT),
  };
  const columns: string[] = [];
  const reported: string[] = [];
  const rows: RowsJson['rows'][number][] = [];
  let counts = NO_ROWS;
  for await (const page of api.stream('listRows', asked, signal)) {
    columns.push(...page.columns);
    reported.push(...page.reported);
    rows.push(...(JSON.parse(page.rows) as RowsJson['rows']));
    counts = page.counts ?? counts;
  }
  return { columns, reported, rows, counts };
}

/** A page ends early after so many bytes of results; as JSON they take about three times as much. */
const PAGE_BYTES = 2 << 20;

/** A page of hosts by name: those that come after the cursor `after`. */
async function listHosts(call: ConsoleCall): Promise<HostResultPageJson> {
  const { api, query, signal } = call;
  const { id = '' } = call.params;
  const filter = parseFilter(query.getAll('filter'));
  const afterHost = query.get('after') || undefined;
  const limit = Math.min(numberIn(query, 'limit', 200), HOSTS_LIMIT);
  const hosts: HostResultJson[] = [];
  let [last, bytes] = ['', 0];
  for await (const found of api.stream('listReport', { id, filter, afterHost }, signal)) {
    if (hosts.length === limit || bytes > PAGE_BYTES) return { hosts, next: last };
    hosts.push(hostResultToJson(await hostResultInTurn(found)));
    last = found.host;
    bytes += resultBytesOf(found);
  }
  return { hosts };
}

async function getHost({ api, params, signal }: ConsoleCall): Promise<HostResultJson> {
  const { id = '', host = '' } = params;
  const filter = { ...EVERY_HOST, hosts: [host] };
  for await (const found of api.stream('listReport', { id, filter }, signal))
    if (found.host === host) return hostResultToJson(await hostResultInTurn(found));
  throw new FarcallError('NOT_FOUND', `request ${id} does not expect ${host}`);
}

async function timeline({ api, params: { id = '' }, signal }: ConsoleCall): Promise<TimelineJson> {
  // Throws NOT_FOUND for a request that does not exist, about which the log would have no entry.
  await api.call('getRequest', { id });
  const query = { requestId: id, afterSeq: 0, limit: AUDIT_LIMIT, follow: false };
  const entries = api.stream('listAudit', query, signal);
  const events: TimelineEvent[] = [];
  for await (const event of timelineOf(entries)) events.push(event);
  return { events };
}
