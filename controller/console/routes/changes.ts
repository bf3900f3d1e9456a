import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeKind, ConsoleApi, EventOf } from '../../views/index.ts';
import type { ConsoleCall, Routes } from './route.ts';

/** Least time between two notices of changes: the page reads again what each notice names. */
const NOTICE_INTERVAL_MS = 1000;
/** Facts and heartbeats of hosts change no request; a page that shows hosts reads them again this often. */
const HOSTS_INTERVAL_MS = 10_000;

/** Notices that something changed. They name its kind only; the page reads the rest from other routes. */
export const CHANGE_ROUTES = { 'GET events': changes } satisfies Partial<Routes>;

type ChangeEvent = EventOf<ConsoleApi['GET events']['events']>;

async function* changes({ deps, signal }: ConsoleCall): AsyncGenerator<ChangeEvent> {
  let requestsChanged = false;
  const unsubscribe = deps.changes.onAny(() => {
    requestsChanged = true;
  });
  let [hostsNoticeMs, trustVersion] = [performance.now(), versionOf(deps)];
  try {
    yield { event: 'ready', data: {} };
    while (!signal.aborted) {
      await delay(NOTICE_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
      const kinds: ChangeKind[] = requestsChanged ? ['requests'] : [];
      requestsChanged = false;
      if (performance.now() - hostsNoticeMs >= HOSTS_INTERVAL_MS) {
        kinds.push('hosts');
        hostsNoticeMs = performance.now();
      }
      if (versionOf(deps) !== trustVersion) {
        kinds.push('trust');
        trustVersion = versionOf(deps);
      }
      if (kinds.length > 0) yield { event: 'changed', data: { kinds } };
    }
  } finally {
    unsubscribe();
  }
}

/** Version of the trust bundle; undefined while no bundle is valid. */
function versionOf({ trust }: ConsoleCall['deps']): number | undefined {
  try {
    return trust.current().version;
  } catch {
    return undefined;
  }
}
