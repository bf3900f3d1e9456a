import type { Clock } from '../../shared/clock/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { HEARTBEAT_INTERVAL_MS } from '../../shared/limits/index.ts';
import { decodeResultHead } from '../../shared/messages/index.ts';
import type { Bus } from '../bus/index.ts';
import type { HeartbeatStore, HostHealthStatus, RequestStore } from '../store/index.ts';
import { type AfterCall, evaluateHealth } from './evaluate-health.ts';

/** Finds hosts that are unhealthy after a wave. */
export interface HealthSource {
  /**
   * The hosts of a wave on which a call was made and that are not well since, with what is wrong. Hosts on
   * which nothing was loaded or run are in it in no case: what did not happen did them no harm. Throws
   * UNREACHABLE where it cannot be said yet whether hosts are silent, because this controller itself has not
   * been listening for long enough.
   */
  unhealthyOf(requestId: string, wave: number): Promise<ReadonlyMap<string, string>>;
}

/** The stores and services that {@link healthSource} uses. */
export interface HealthDeps {
  readonly requests: Pick<RequestStore, 'find'>;
  readonly heartbeats: Pick<HeartbeatStore, 'healthStatuses' | 'results'>;
  readonly bus: Pick<Bus, 'connectedSinceMs'>;
  readonly clock: Clock;
}

/** A host that has not been heard from for this time is silent. */
const SILENT_MS = 3 * HEARTBEAT_INTERVAL_MS;

/**
 * How many results are cached with what they say about health. The whole cache is cleared when it is full.
 */
const REMEMBERED = 200_000;

/** A source over what hosts say in results and heartbeats. */
export function healthSource(deps: HealthDeps): HealthSource {
  /** By the result's digest: results never change. Undefined for those of hosts on which nothing was made. */
  const remembered = new Map<string, AfterCall | undefined>();
  return {
    async unhealthyOf(requestId, wave) {
      const healthStatuses = await deps.heartbeats.healthStatuses(requestId, wave);
      if (remembered.size > REMEMBERED) remembered.clear();
      await remember(deps, requestId, { healthStatuses, remembered });
      const isSilent = await silenceOf(deps, requestId, wave);
      const unhealthy = new Map<string, string>();
      for (const status of healthStatuses) {
        const call = status.resultDigest === undefined ? undefined : remembered.get(status.resultDigest);
        const reason = call && (evaluateHealth(call, status.heartbeat) ?? isSilent(status));
        if (reason !== undefined) unhealthy.set(status.host, reason);
      }
      return unhealthy;
    },
  };
}

interface Remembering {
  readonly healthStatuses: readonly HostHealthStatus[];
  readonly remembered: Map<string, AfterCall | undefined>;
}

async function remember(
  { heartbeats }: Pick<HealthDeps, 'heartbeats'>,
  requestId: string,
  { healthStatuses, remembered }: Remembering,
): Promise<void> {
  const isNew = ({ resultDigest }: HostHealthStatus): boolean =>
    resultDigest !== undefined && !remembered.has(resultDigest);
  const hosts = healthStatuses.filter(isNew).map(({ host }) => host);
  if (hosts.length === 0) return;
  for (const [digest, bytes] of await heartbeats.results(requestId, hosts))
    remembered.set(digest, afterCallIn(bytes));
}

function afterCallIn(bytes: Uint8Array): AfterCall | undefined {
  const { health, finishedAtMs, timings } = decodeResultHead(bytes);
  return health && { health, finishedAtMs, startedAtMs: finishedAtMs - Math.ceil(timings.totalUs / 1000) };
}

/**
 * Why a host counts as silent. Hosts count as silent only if the wave bakes at least as long as silence
 * takes; otherwise they did not have to send anything.
 */
async function silenceOf(
  { requests, bus, clock }: HealthDeps,
  requestId: string,
  wave: number,
): Promise<(status: HostHealthStatus) => string | undefined> {
  const record = await requests.find(requestId);
  const bakeMs = record?.request.rollout?.waves[wave - 1]?.bakeMs;
  if (bakeMs === undefined || bakeMs < SILENT_MS) return () => undefined;
  const nowMs = clock.nowMs();
  const listeningMs = nowMs - (bus.connectedSinceMs() ?? nowMs);
  return ({ host, lastSeenMs }) => {
    if (nowMs - lastSeenMs <= SILENT_MS) return undefined;
    if (listeningMs <= SILENT_MS)
      throw new FarcallError(
        'UNREACHABLE',
        `whether ${host} is silent will be known when this controller has been connected for ${SILENT_MS / 1000} s`,
      );
    return `silent since ${new Date(lastSeenMs).toISOString()}`;
  };
}
