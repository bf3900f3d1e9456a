import { isDeepStrictEqual } from 'node:util';
import { FINAL_STATES, type RequestEvent, type RequestView } from '../../shared/messages/index.ts';
import { type ViewDeps, viewRequest } from '../requests/index.ts';
import { type ChangeFeed, REPORTS_START, type ReportStore, type RequestStore } from '../store/index.ts';

/** The stores that {@link watchRequest} reads. */
export interface WatchDeps extends ViewDeps {
  readonly requests: Pick<RequestStore, 'get' | 'expectedLabels' | 'outcomes' | 'kernels'>;
  readonly reports: ReportStore;
  readonly changes: ChangeFeed;
}

/** The request to watch, and when the watch ends. */
export interface WatchOptions {
  readonly id: string;
  /** False: the watch ends after everything that there is now. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

const PAGE_HOSTS = 200;

/**
 * Everything about a request, then every change until it is over: first the request and its hosts, then each
 * host whose outcome changed. The request is reported again after hosts, and whenever it changed itself, so
 * it is the last event.
 */
export async function* watchRequest(deps: WatchDeps, options: WatchOptions): AsyncGenerator<RequestEvent> {
  const { id, follow, signal } = options;
  const listener = deps.changes.listen(id);
  try {
    let cursor = REPORTS_START;
    let reported: RequestView | undefined;
    do {
      // The request is read before the hosts: what it counts is then in the pages that follow.
      const view = await currentView(deps, id);
      if (reported === undefined) yield { request: view };
      const before = cursor;
      for (;;) {
        const page = await deps.reports.page(id, cursor, PAGE_HOSTS);
        for (const host of page.reports) yield { host };
        cursor = page.next;
        if (page.reports.length < PAGE_HOSTS) break;
      }
      if (cursor !== before || !isDeepStrictEqual(view, reported)) yield { request: view };
      reported = view;
    } while (follow && !isOver(reported) && (await listener.next(signal)));
  } finally {
    listener.close();
  }
}

async function currentView(deps: WatchDeps, id: string): Promise<RequestView> {
  return viewRequest(deps, await deps.requests.get(id));
}

function isOver({ state }: RequestView): boolean {
  return FINAL_STATES.includes(state);
}
