import { setTimeout as delay } from 'node:timers/promises';
import type { SentEvent } from '../http/index.ts';
import type { ConsoleCall, Route } from './route.ts';

/** Changes are told this often at most: whoever hears of one reads anew. */
const TELL_MS = 1000;
/** Hosts say hello without a change of a request; a page that shows them reads anew so often. */
const HOSTS_MS = 10_000;

/** That something changed; what it is, is read from elsewhere. */
export const CHANGE_ROUTES: readonly Route[] = [{ method: 'GET', path: 'events', events: changes }];

async function* changes({ deps, signal }: ConsoleCall): AsyncGenerator<SentEvent> {
  let requests = false;
  const end = deps.changes.onAny(() => {
    requests = true;
  });
  let [hostsToldMs, trustVersion] = [performance.now(), versionOf(deps)];
  try {
    yield { event: 'ready', data: {} };
    while (!signal.aborted) {
      await delay(TELL_MS, undefined, { signal }).catch(() => undefined);
      const kinds: string[] = requests ? ['requests'] : [];
      requests = false;
      if (performance.now() - hostsToldMs >= HOSTS_MS) {
        kinds.push('hosts');
        hostsToldMs = performance.now();
      }
      if (versionOf(deps) !== trustVersion) {
        kinds.push('trust');
        trustVersion = versionOf(deps);
      }
      if (kinds.length > 0) yield { event: 'changed', data: { kinds } };
    }
  } finally {
    end();
  }
}

/** Undefined where no bundle holds. */
function versionOf({ trust }: ConsoleCall['deps']): number | undefined {
  try {
    return trust.current().version;
  } catch {
    return undefined;
  }
}
