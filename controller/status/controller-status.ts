import type { Clock } from '../../shared/clock/index.ts';
import {
  CLOCKS_NAMED,
  type ControllerStatus,
  PROTOCOL_VERSION,
  type RequestState,
} from '../../shared/messages/index.ts';
import { agentVersion } from '../../shared/version/index.ts';
import type { Bus } from '../bus/index.ts';
import type { ClockOffset, HostClocks } from '../gather/index.ts';
import type { ReportStore, RequestStore, StoreProbe } from '../store/index.ts';

/** The connections and stores of which a status tells. */
export interface StatusDeps {
  /** Of the controller. */
  readonly name: string;
  readonly bus: Pick<Bus, 'awaySinceMs'>;
  readonly condition: Pick<StoreProbe, 'current'>;
  readonly hostClocks: Pick<HostClocks, 'all'>;
  readonly requests: Pick<RequestStore, 'countStates'>;
  readonly reports: ReportStore;
  readonly clock: Clock;
}

/** Read once: the file is another one after an upgrade, and this process is still the old one. */
const VERSION = agentVersion();

/** The states in which a request needs the broker to go on. */
const NEED_BROKER: readonly RequestState[] = ['approved', 'dispatched', 'aborting'];

/**
 * What this controller cannot do now. With `requestId`, only the wrong clocks of hosts that have no outcome
 * yet for this request. While the store is away, what would be read from it is left out.
 */
export async function controllerStatus(
  deps: StatusDeps,
  { requestId }: { readonly requestId?: string | undefined } = {},
): Promise<ControllerStatus> {
  const { name, bus, condition, hostClocks, clock } = deps;
  const { wrong, known } = hostClocks.all();
  const clocks = requestId === undefined ? wrong : await awaited(deps, requestId, wrong);
  const waitingRequests = await countWaiting(deps);
  const { state, sinceMs } = condition.current();
  const awaySinceMs = bus.awaySinceMs();
  return {
    controller: name,
    nowMs: clock.nowMs(),
    ...(awaySinceMs !== undefined && { brokerAwaySinceMs: awaySinceMs }),
    storeState: state,
    ...(sinceMs !== undefined && { storeSinceMs: sinceMs }),
    waitingRequests,
    clocksKnown: known,
    clocksWrong: clocks.length,
    clocks: clocks.slice(0, CLOCKS_NAMED),
    version: VERSION,
    protocol: PROTOCOL_VERSION,
  };
}

async function countWaiting({ requests }: StatusDeps): Promise<number> {
  const counts = await requests.countStates().catch(() => []);
  return counts
    .filter(({ state }) => NEED_BROKER.includes(state as RequestState))
    .reduce((sum, { count }) => sum + count, 0);
}

/** Those of `wrong` that the request expects, and that have no outcome. */
async function awaited(
  { reports }: StatusDeps,
  requestId: string,
  wrong: readonly ClockOffset[],
): Promise<readonly ClockOffset[]> {
  if (wrong.length === 0) return [];
  const rows = await reports
    .reportsOf(
      requestId,
      wrong.map(({ host }) => host),
    )
    .catch(() => []);
  const waiting = new Set(rows.filter(({ outcome }) => outcome === undefined).map(({ host }) => host));
  return wrong.filter(({ host }) => waiting.has(host));
}
