import { createHash } from 'node:crypto';
import type { HostJson, HostResultJson, Me, RequestJson } from '../../../controller/console/web/api/types.ts';
import { byKernel, madeUpKernels, selected } from './made-up-fleet.ts';
import { madeUpPlan } from './made-up-requests.ts';
import { hostResult, MOMENTS, report, trust } from './made-up-results.ts';

/** What the stand-in answers from. */
export interface StandInState {
  hosts: readonly HostJson[];
  requests: readonly RequestJson[];
  me: Me | undefined;
}

/** An answer that is no success. */
export interface Refusal {
  readonly status: number;
  readonly body: object;
}

type Answer = (given: { url: URL; body: Record<string, unknown>; parts: readonly string[] }) => unknown;

function refusal(status: number, code: string, message: string, more: object = {}): Refusal {
  return { status, body: { error: { code, message }, ...more } };
}

const SIGN_IN = { signIn: { passkeys: true, oidc: false, controller: 'ctl-1' } };

/** The answers of the API, from what `state` is at that moment. */
export function answersOf(state: StandInState): (url: URL, body: Record<string, unknown>) => unknown {
  const routes: readonly (readonly [RegExp, Answer])[] = [
    [/^session$/, () => state.me],
    [/^requests$/, ({ url }) => ({ requests: summaries(state.requests, url.searchParams.getAll('state')) })],
    [/^requests\/(\w+)$/, ({ parts }) => find(state.requests, parts[0])],
    [/^requests\/(\w+)\/report$/, ({ parts }) => report(find(state.requests, parts[0]))],
    [/^requests\/(\w+)\/hosts$/, ({ url }) => resultsPage(state.hosts, url.searchParams.get('after'))],
    [
      /^requests\/\w+\/hosts\/(.+)$/,
      ({ parts }) => hostResult(state.hosts.find(({ host }) => host === parts[0])!),
    ],
    [/^requests\/\w+\/timeline$/, () => ({ moments: MOMENTS })],
    [/^plans/, () => madeUpPlan(state.hosts)],
    [
      /^hosts$/,
      ({ url }) => ({
        hosts: selected(state.hosts, url.searchParams.get('selector') ?? ''),
        nowMs: Date.now(),
      }),
    ],
    [/^selector$/, ({ body }) => selection(state.hosts, String(body['selector']))],
    [/^kernels$/, () => ({ kernels: madeUpKernels(state.hosts) })],
    [/^check$/, ({ body }) => check(String(body['program']))],
    [/^complete$/, ({ body }) => complete(String(body['program']), Number(body['offset']))],
    [/^trust$/, trust],
    [/^audit$/, () => ({ entries: entries() })],
  ];
  return (url, body) => {
    if (!state.me) return refusal(401, 'UNAUTHENTICATED', 'nobody is signed in', SIGN_IN);
    const path = decodeURIComponent(url.pathname.slice('/api/'.length));
    for (const [pattern, answer] of routes) {
      const [, ...parts] = pattern.exec(path) ?? [];
      if (!pattern.test(path)) continue;
      try {
        return answer({ url, body, parts }) ?? refusal(404, 'NOT_FOUND', `there is no ${path}`);
      } catch (error) {
        return refusal(400, 'SELECTOR_INVALID', String(error));
      }
    }
    return refusal(404, 'NOT_FOUND', `there is no ${path}`);
  };
}

function find(requests: readonly RequestJson[], id: string | undefined): RequestJson | undefined {
  return requests.find(request => request.id === id);
}

function summaries(requests: readonly RequestJson[], states: readonly string[]): object[] {
  return requests
    .filter(({ standing }) => states.length === 0 || states.includes(standing.state))
    .map(({ id, requester, selector, effect, reason, createdAtMs, expiresAtMs, standing }) => ({
      ...{ id, requester, selector, effect, reason, createdAtMs, expiresAtMs },
      ...{
        state: standing.state,
        expectedHosts: standing.expectedHosts,
        outcomes: standing.outcomes,
        sums: {},
      },
    }));
}

const PAGE_HOSTS = 200;

function resultsPage(
  hosts: readonly HostJson[],
  after: string | null,
): { hosts: HostResultJson[]; next?: string } {
  const from = after === null ? 0 : hosts.findIndex(({ host }) => host === after) + 1;
  const page = hosts.slice(from, from + PAGE_HOSTS).map(hostResult);
  return { hosts: page, ...(from + PAGE_HOSTS < hosts.length && { next: page.at(-1)!.host }) };
}

function selection(hosts: readonly HostJson[], selector: string): object {
  const meant = selected(hosts, selector);
  return { hosts: meant.length, kernels: byKernel(meant) };
}

function check(program: string): object {
  const diagnostics = program.split('\n').flatMap((text, index) => {
    const column = text.search(/\bprintk\b/) + 1;
    const message = "this kernel has no function 'printk'; did you mean '_printk'?";
    return column > 0
      ? [{ severity: 'error', line: index + 1, column, message, code: 'SYMBOL_UNKNOWN' }]
      : [];
  });
  return { diagnostics, resultType: 'int', effect: 'call', callees: ['int _printk(const char *fmt, ...)'] };
}

function complete(program: string, offset: number): object {
  const word = /\w*$/.exec(program.slice(0, offset))?.[0] ?? '';
  const names = ['_printk', 'wake_up_bit', 'wake_up_new_task', 'wake_up_process'];
  const items = names
    .filter(name => name.startsWith(word))
    .map(label => ({ label, kind: 'function', detail: 'int (struct task_struct *p)' }));
  return { from: offset - word.length, items };
}

function entries(): object[] {
  return MOMENTS.map(({ atMs, kind, actor, text }, index) => ({
    ...{ seq: index + 1, atMs, kind, actor, requestId: 'r3w8x2m5k9pq', detail: { text } },
    hash: createHash('sha256').update(text).digest('hex'),
  }));
}
