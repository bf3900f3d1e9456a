import { setTimeout as delay } from 'node:timers/promises';
import { toFarcallError } from '../../../shared/errors/index.ts';
import { type ChangeKind, type ConsoleApi, type EventOf, statusLines } from '../../views/index.ts';
import type { ConsoleCall, Routes } from './route.ts';

/** Least time between two notices of changes: the page reads again what each notice names. */
const NOTICE_INTERVAL_MS = 1000;
/** Facts and heartbeats of hosts change no request; a page that shows hosts reads them again this often. */
const HOSTS_INTERVAL_MS = 10_000;
/** A page that hears nothing for five seconds no longer says that it is live. */
const ALIVE_INTERVAL_MS = 2000;

/** Notices that something changed. They name its kind only; the page reads the rest from other routes. */
export const CHANGE_ROUTES = { 'GET events': changes } satisfies Partial<Routes>;

type ChangeEvent = EventOf<ConsoleApi['GET events']['events']>;

async function* changes({ api, deps, signal }: ConsoleCall): AsyncGenerator<ChangeEvent> {
  let requestsChanged = false;
  const unsubscribe = deps.changes.onAny(() => {
    requestsChanged = true;
  });
  let [hostsNoticeMs, trustVersion] = [performance.now(), versionOf(deps)];
  let aliveMs = Number.NEGATIVE_INFINITY;
  try {
    yield { event: 'ready', data: {} };
    while (!signal.aborted) {
      if (performance.now() - aliveMs >= ALIVE_INTERVAL_MS) {
        yield { event: 'alive', data: { troubles: await troublesOf(api) } };
        aliveMs = performance.now();
      }
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

/**
 * What this controller cannot do now. Threat: nothing is said here that `getStatus` does not tell this
 * person.
 */
async function troublesOf(api: ConsoleCall['api']): Promise<readonly string[]> {
  try {
    return statusLines(await api.call('getStatus', {}));
  } catch (thrown) {
    return [`The controller cannot say what it can do now: ${toFarcallError(thrown).message}`];
  }
}
