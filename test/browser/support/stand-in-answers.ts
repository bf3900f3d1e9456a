import { createHash } from 'node:crypto';
import type {
  AuditEntryJson,
  CheckJson,
  CompletionsJson,
  ConsoleApi,
  ErrorReplyJson,
  EventOf,
  HostJson,
  HostResultPageJson,
  MeJson,
  RequestJson,
  RequestListJson,
  SelectionJson,
  SignInApi,
} from '../../../controller/views/index.ts';
import { byKernel, madeUpKernels, selected } from './made-up-fleet.ts';
import { madeUpPlan } from './made-up-requests.ts';
import { hostResult, report, TIMELINE, trust } from './made-up-results.ts';

/** What the stand-in answers from. */
export interface StandInState {
  hosts: readonly HostJson[];
  requests: readonly RequestJson[];
  me: MeJson | undefined;
}

/** An unsuccessful reply. */
export interface Refusal {
  readonly status: number;
  readonly body: ErrorReplyJson;
}

/** A call of the page; `params` are the variable parts of the path. */
export interface StandInCall {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
}

interface Given<Body> {
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
}

type Api = ConsoleApi & SignInApi;
type BodyOf<Entry> = Entry extends { body: infer Body } ? Body : undefined;
type ResultOf<Entry> = Entry extends { events: infer Events }
  ? readonly EventOf<Events>[]
  : Entry extends { reply: infer Reply }
    ? Reply | undefined
    : never;

/**
 * A reply for each route that the tests need, or its events; undefined is a 404. Typed by the console's own
 * API.
 */
type Answers = {
  readonly [Key in keyof Api]?: (given: Given<BodyOf<Api[Key]>>) => ResultOf<Api[Key]>;
};

function refusal(status: number, code: string, message: string, more: Partial<ErrorReplyJson> = {}): Refusal {
  return { status, body: { error: { code, message }, ...more } };
}

const SIGN_IN = { signIn: { passkeys: true, oidc: false, controller: 'ctl-1' } };

/** Answers calls from what `state` is at that moment. */
export function answersOf(state: StandInState): (call: StandInCall) => unknown {
  const routes = Object.entries(answersFrom(state)).map(([key, answer]) => ({
    pattern: new RegExp(`^${key.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
    answer: answer as (given: Given<unknown>) => unknown,
  }));
  return ({ method, url, body }) => {
    if (!state.me) return refusal(401, 'UNAUTHENTICATED', 'nobody is signed in', SIGN_IN);
    const key = `${method} ${decodeURIComponent(url.pathname.slice('/api/'.length))}`;
    const notFound = refusal(404, 'NOT_FOUND', `there is no ${key}`);
    const route = routes.find(({ pattern }) => pattern.test(key));
    if (!route) return notFound;
    const params = route.pattern.exec(key)?.groups ?? {};
    try {
      return route.answer({ query: url.searchParams, params, body }) ?? notFound;
    } catch (error) {
      return refusal(400, 'SELECTOR_INVALID', String(error));
    }
  };
}

function answersFrom(state: StandInState): Answers {
  const find = (id = ''): RequestJson | undefined => state.requests.find(request => request.id === id);
  return {
    'GET session': () => state.me,
    'GET requests': ({ query }) => summaries(state.requests, query.getAll('state')),
    'GET requests/:id': ({ params }) => find(params['id']),
    'GET requests/:id/report': ({ params }) => {
      const request = find(params['id']);
      return request && report(request);
    },
    'GET requests/:id/hosts': ({ query }) => resultsPage(state.hosts, query.get('after')),
    'GET requests/:id/hosts/:host': ({ params }) => {
      const host = state.hosts.find(each => each.host === params['host']);
      return host && hostResult(host);
    },
    'GET requests/:id/timeline': () => ({ events: TIMELINE }),
    'POST plans': () => [{ event: 'plan', data: madeUpPlan(state.hosts) }],
    'GET plans/:id': () => madeUpPlan(state.hosts),
    'GET hosts': ({ query }) => ({
      hosts: selected(state.hosts, query.get('selector') ?? ''),
      nowMs: Date.now(),
    }),
    'POST selector': ({ body }) => selection(state.hosts, body.selector),
    'GET kernels': () => ({ kernels: madeUpKernels(state.hosts) }),
    'POST check': ({ body }) => check(body.program),
    'POST complete': ({ body }) => complete(body.program, body.offset),
    'GET reviews': () => ({ emergencies: [] }),
    'GET trust': trust,
    'GET audit': () => ({ entries: entries() }),
  };
}

function summaries(requests: readonly RequestJson[], states: readonly string[]): RequestListJson {
  const matching = requests.filter(({ status }) => states.length === 0 || states.includes(status.state));
  return {
    requests: matching.map(
      ({ id, digest, requester, selector, effect, reason, createdAtMs, expiresAtMs, status }) => ({
        ...{ id, digest, requester, selector, effect, reason, createdAtMs, expiresAtMs, state: status.state },
        ...{ expectedHosts: status.expectedHosts, outcomes: status.outcomes },
        rolloutState: status.rollout?.state ?? 'waiting',
        sums: { expected: status.expectedHosts, waiting: 0 },
      }),
    ),
  };
}

const PAGE_HOSTS = 200;

function resultsPage(hosts: readonly HostJson[], after: string | null): HostResultPageJson {
  const from = after === null ? 0 : hosts.findIndex(({ host }) => host === after) + 1;
  const page = hosts.slice(from, from + PAGE_HOSTS).map(hostResult);
  return { hosts: page, ...(from + PAGE_HOSTS < hosts.length && { next: page.at(-1)!.host }) };
}

function selection(hosts: readonly HostJson[], selector: string): SelectionJson {
  const matching = selected(hosts, selector);
  return { hosts: matching.length, kernels: byKernel(matching) };
}

function check(program: string): CheckJson {
  const message = "this kernel has no function 'printk'; did you mean '_printk'?";
  const diagnostics = program.split('\n').flatMap((text, index) => {
    const column = text.search(/\bprintk\b/) + 1;
    if (column === 0) return [];
    const location = { line: index + 1, column };
    return [{ severity: 'error' as const, ...location, message, code: 'SYMBOL_UNKNOWN' as const }];
  });
  const callees = ['int _printk(const char *fmt, ...)'];
  return { diagnostics, resultType: 'int', effect: 'call', callees, sourceHost: 'web-0000' };
}

function complete(program: string, offset: number): CompletionsJson {
  const word = /\w*$/.exec(program.slice(0, offset))?.[0] ?? '';
  const names = ['_printk', 'wake_up_bit', 'wake_up_new_task', 'wake_up_process'];
  const items = names
    .filter(name => name.startsWith(word))
    .map(label => ({ label, kind: 'function' as const, detail: 'int (struct task_struct *p)' }));
  return { from: offset - word.length, items };
}

function entries(): AuditEntryJson[] {
  return TIMELINE.map(({ atMs, kind, actor, text }, index) => ({
    ...{ seq: index + 1, atMs, kind, actor, requestId: 'r3w8x2m5k9pq', detail: { text } },
    hash: createHash('sha256').update(text).digest('hex'),
  }));
}
