import type { Clock } from '../../shared/clock/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import type { Logger } from '../log/index.ts';
import {
  type AuditStore,
  type HeldLease,
  holdLease,
  type LeaseStore,
  type LogCursorStore,
} from '../store/index.ts';
import { Delivery, type DeliveryCounts, type Webhook } from './delivery.ts';
import { type EventDeps, makeEvent } from './make-event.ts';

/** The stores and services that {@link startNotifier} uses. */
export interface NotifierDeps extends EventDeps {
  readonly receivers: readonly Webhook[];
  readonly logCursors: LogCursorStore;
  readonly audit: Pick<AuditStore, 'head'>;
  readonly leases: LeaseStore;
  /** Names this run of this controller. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The status of one webhook. */
export interface WebhookStatus extends DeliveryCounts {
  readonly name: string;
  /** How long its next event has been waiting; undefined where another controller sends. */
  readonly waitingMs: number | undefined;
}

/** Sends events to webhooks. */
export interface Notifier {
  statuses(): readonly WebhookStatus[];
  /** Stops sending. An event that is on its way is given up, and sent again by the next sender. */
  stop(): Promise<void>;
}

/** How often the log is read. */
const POLL_MS = 1000;
/** Of several controllers on one store, the one that has this sends. */
const LEASE = 'webhooks';
/** How long a controller that died keeps others from it. */
const LEASE_MS = 6000;

/**
 * Starts to tell `receivers` what the audit log says. The log is the queue: nothing is told before it is
 * committed, and nothing is lost, no matter which controller dies when. It looks on by itself once a second
 * and is in nobody's way: neither the rollout nor another webhook waits for a receiver.
 */
export async function startNotifier(deps: NotifierDeps): Promise<Notifier> {
  const { receivers, log } = deps;
  // A new webhook gets every event from here on.
  for (const { name } of receivers) await deps.logCursors.cursorOf(name, 'end');
  const random = Math.random;
  const deliveries = receivers.map(
    webhook => new Delivery(webhook, { ...deps, random, makeEvent: row => makeEvent(deps, row) }),
  );
  const stopping = new AbortController();
  const running = new Map<Delivery, Promise<void>>();
  let lease: HeldLease | undefined;
  let polling: Promise<void> | undefined;
  let failing: string | undefined;
  const failed = (err: unknown, held: HeldLease | undefined): void => {
    const { code } = toFarcallError(err);
    if (failing !== code) log.warn({ code, err }, 'webhooks cannot be served: trying again');
    failing = code;
    if (code === 'LEASE_LOST' && lease === held) lease = undefined;
  };
  const start = (delivery: Delivery, held: HeldLease, upToSeq: number): void => {
    const turn = { lease: held, upToSeq, signal: stopping.signal };
    const run = delivery
      .run(turn)
      .catch(err => failed(err, held))
      .finally(() => running.delete(delivery));
    running.set(delivery, run);
  };
  const poll = async (): Promise<void> => {
    lease = await holdLease(deps.leases, { name: LEASE, holder: deps.holder, ttlMs: LEASE_MS }, lease);
    if (!lease || stopping.signal.aborted) return;
    const { seq } = await deps.audit.head();
    failing = undefined;
    for (const delivery of deliveries) if (!running.has(delivery)) start(delivery, lease, seq);
  };
  const wake = (): void => {
    polling ??= poll()
      .catch(err => failed(err, lease))
      .finally(() => {
        polling = undefined;
      });
  };
  const timer = deliveries.length > 0 ? setInterval(wake, POLL_MS) : undefined;
  return {
    statuses: () =>
      deliveries.map(delivery => ({
        ...delivery.counts(),
        name: delivery.name,
        waitingMs: lease && delivery.waitingMs(),
      })),
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await polling;
      await Promise.all(running.values());
      if (lease) await deps.leases.release(lease).catch(() => undefined);
    },
  };
}
