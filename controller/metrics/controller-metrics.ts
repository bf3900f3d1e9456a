import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import { HEARTBEAT_INTERVAL_MS } from '../../shared/limits/index.ts';
import {
  type Check,
  type Labelled,
  MetricSet,
  type MetricsServer,
  type Observer,
  serveMetrics,
} from '../../shared/metrics/index.ts';
import { HOST_TOPICS } from '../../shared/subjects/index.ts';
import type { AuditSinks, SinkStatus } from '../audit-sinks/index.ts';
import type { Bus, HostBudgets } from '../bus/index.ts';
import type { CommitResult, HostClocks } from '../gather/index.ts';
import type { Notifier, WebhookStatus } from '../notify/index.ts';
import type { OrderSigner } from '../signing/index.ts';
import type {
  AuditStore,
  EmergencyStore,
  HeartbeatStore,
  HostJournalStore,
  RequestStore,
  StoreProbe,
  WitnessStore,
} from '../store/index.ts';
import type { TrustSource } from '../trust/index.ts';

/** The stores, counters and connections from which a controller's metrics and probes are read. */
export interface ControllerMetricsParts {
  readonly counters: Pick<CounterSet, 'all'>;
  readonly hostBudgets: Pick<HostBudgets, 'countOver'>;
  readonly requests: Pick<RequestStore, 'countStates'>;
  readonly heartbeats: Pick<HeartbeatStore, 'countHosts'>;
  readonly emergencies: Pick<EmergencyStore, 'counts'>;
  readonly hostJournals: Pick<HostJournalStore, 'held'>;
  readonly audit: Pick<AuditStore, 'head'>;
  readonly witnesses: Pick<WitnessStore, 'lastMs'>;
  readonly condition: Pick<StoreProbe, 'current' | 'check'>;
  readonly bus: Pick<Bus, 'connectedSinceMs' | 'awaySinceMs'>;
  readonly hostClocks: Pick<HostClocks, 'all'>;
  readonly trust: TrustSource;
  readonly signer: Pick<OrderSigner, 'check'>;
  readonly notifier: Pick<Notifier, 'statuses'>;
  readonly auditSinks: Pick<AuditSinks, 'statuses'>;
  readonly clock: Clock;
}

/** A host that has not been heard from for this time counts as silent. */
const SILENT_MS = 3 * HEARTBEAT_INTERVAL_MS;

/** In seconds: from a fast disk's commit to a store that hangs. */
const COMMIT_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of a controller, and where its commits are measured. */
export interface ControllerMetrics {
  readonly set: MetricSet;
  readonly commitSeconds: Observer;
}

/**
 * The metrics of a controller. None has a label for hosts or requests: a fleet has as many as it likes, and
 * the report of a request says more.
 */
export function controllerMetrics(parts: ControllerMetricsParts): ControllerMetrics {
  const set = new MetricSet();
  addMessages(set, parts);
  addAborts(set, parts);
  set.gauge(
    {
      name: 'farcall_controller_hosts_over_budget',
      help: 'Hosts that sent more than their budget within the last ten minutes; the log names them.',
    },
    () => parts.hostBudgets.countOver(),
  );
  addStore(set, parts);
  addHolds(set, parts);
  addWebhooks(set, parts);
  addSinks(set, parts);
  set.gauge(
    { name: 'farcall_controller_broker_connected', help: 'Whether there is a connection to the broker.' },
    () => Number(parts.bus.connectedSinceMs() !== undefined),
  );
  const { bus, condition, hostClocks, clock } = parts;
  const sinceS = (sinceMs: number | undefined): number =>
    sinceMs === undefined ? 0 : Math.max(0, clock.nowMs() - sinceMs) / 1000;
  set.gauge(
    {
      name: 'farcall_controller_broker_away_seconds',
      help: 'How long there has been no connection to the broker; 0 with one.',
    },
    () => sinceS(bus.awaySinceMs()),
  );
  set.gauge(
    {
      name: 'farcall_controller_store_down_seconds',
      help: 'How long the store has been full, away or failing; 0 while all is well.',
    },
    () => sinceS(condition.current().sinceMs),
  );
  set.gauge(
    {
      name: 'farcall_controller_host_clocks_wrong',
      help: "Hosts whose clocks differ from this controller's by more than 30 seconds.",
    },
    () => hostClocks.all().wrong.length,
  );
  set.gauge(
    {
      name: 'farcall_controller_store_writable',
      help: 'Whether the store takes writes: its disk has room, and it answers.',
    },
    () => Number(parts.condition.current().state === 'ok'),
  );
  set.gauge(
    { name: 'farcall_controller_trust_bundle_version', help: 'Version of the trust bundle that counts.' },
    () => parts.trust.current().version,
  );
  set.gauge(
    {
      name: 'farcall_controller_trust_bundle_expires_timestamp_seconds',
      help: 'When the trust bundle ends; nothing is ordered after that.',
    },
    () => parts.trust.current().expiresAtMs / 1000,
  );
  const commitSeconds = set.histogram({
    name: 'farcall_controller_result_commit_seconds',
    help: 'From a verified result to its commit and signature.',
    buckets: COMMIT_BUCKETS_S,
  });
  return { set, commitSeconds };
}

function addMessages(set: MetricSet, { counters }: ControllerMetricsParts): void {
  const split = (): (readonly [string[], number])[] =>
    Object.entries(counters.all()).map(([name, value]) => [name.split('.'), value]);
  set.counters(
    {
      name: 'farcall_controller_messages_total',
      help: 'Messages of hosts, by topic and what came of them: ok, or the code of the error.',
      labels: ['topic', 'result'],
    },
    () =>
      split()
        .filter(([[topic]]) => (HOST_TOPICS as readonly string[]).includes(topic ?? ''))
        .map(([[topic = '', result = ''], value]): Labelled => ({ labels: { topic, result }, value })),
  );
  set.counters(
    {
      name: 'farcall_controller_slow_total',
      help: 'Times that messages of a topic came faster than they were handled for five seconds.',
      labels: ['topic'],
    },
    () =>
      split()
        .filter(([[kind]]) => kind === 'slow')
        .map(([[, topic = ''], value]): Labelled => ({ labels: { topic }, value })),
  );
  set.counters(
    {
      name: 'farcall_controller_messages_dropped_total',
      help: 'Messages of hosts that were dropped unread because their host was over its budget, by topic.',
      labels: ['topic'],
    },
    () =>
      split()
        .filter(([[kind]]) => kind === 'dropped')
        .map(([[, topic = ''], value]): Labelled => ({ labels: { topic }, value })),
  );
  set.counters(
    {
      name: 'farcall_controller_calls_limited_total',
      help: 'Calls of operators that were refused by a limit: of the person, their streams, or the address.',
      labels: ['limit'],
    },
    () =>
      split()
        .filter(([[kind]]) => kind === 'limited')
        .map(([[, limit = ''], value]): Labelled => ({ labels: { limit }, value })),
  );
  set.counters(
    {
      name: 'farcall_controller_console_calls_total',
      help: 'Calls of the console, by route and HTTP status; a stream counts when it ends.',
      labels: ['route', 'status'],
    },
    () =>
      split()
        .filter(([[kind]]) => kind === 'console')
        .map(([[, route = '', status = ''], value]): Labelled => ({ labels: { route, status }, value })),
  );
  set.counters(
    {
      name: 'farcall_controller_results_total',
      help: 'Results that were committed, by outcome and effect: outcome, late or duplicate.',
      labels: ['outcome', 'effect'],
    },
    () =>
      split()
        .filter(([[kind]]) => kind === 'committed')
        .map(([[, effect = '', outcome = ''], value]): Labelled => ({ labels: { outcome, effect }, value })),
  );
}

function addAborts(set: MetricSet, { counters }: ControllerMetricsParts): void {
  set.counters(
    {
      name: 'farcall_controller_aborts_obeyed_total',
      help: 'Statements of hosts that they obey an abort, by how far the call was: not-begun, running or ended.',
      labels: ['progress'],
    },
    () =>
      Object.entries(counters.all())
        .map(([name, value]) => [name.split('.'), value] as const)
        .filter(([[kind]]) => kind === 'obeyed')
        .map(([[, progress = ''], value]): Labelled => ({ labels: { progress }, value })),
  );
}

function addHolds(set: MetricSet, { hostJournals }: ControllerMetricsParts): void {
  set.gauge(
    {
      name: 'farcall_controller_hosts_held',
      help: 'Hosts that get no orders until a person accepts them: their journal went back, or they exist twice.',
    },
    async () => (await hostJournals.held()).length,
  );
}

function addStore(set: MetricSet, parts: ControllerMetricsParts): void {
  const { requests, heartbeats, audit, witnesses, emergencies, clock } = parts;
  set.gauges(
    { name: 'farcall_controller_requests', help: 'Requests in the store, by state.', labels: ['state'] },
    async () =>
      (await requests.countStates()).map(({ state, count }) => ({ labels: { state }, value: count })),
  );
  const hosts = () => heartbeats.countHosts(clock.nowMs() - SILENT_MS);
  set.gauge(
    { name: 'farcall_controller_hosts', help: 'Hosts that are enrolled and have said hello.' },
    async () => (await hosts()).known,
  );
  set.gauge(
    {
      name: 'farcall_controller_hosts_silent',
      help: `Of these, hosts that were not heard of for ${SILENT_MS / 1000} seconds.`,
    },
    async () => (await hosts()).silent,
  );
  const open = () => emergencies.counts(clock.nowMs());
  set.gauge(
    {
      name: 'farcall_controller_emergencies_unreviewed',
      help: 'Emergencies that too few people have reviewed.',
    },
    async () => (await open()).unreviewed,
  );
  set.gauge(
    {
      name: 'farcall_controller_emergencies_overdue',
      help: 'Of these, emergencies whose time for reviews is over.',
    },
    async () => (await open()).overdue,
  );
  set.gauge(
    { name: 'farcall_controller_audit_entries', help: 'Entries of the audit log.' },
    async () => (await audit.head()).seq,
  );
  set.gauge(
    {
      name: 'farcall_controller_audit_witnessed_timestamp_seconds',
      help: 'When a witness last stated that the audit log is as they have seen it; 0 if none has.',
    },
    async () => ((await witnesses.lastMs()) ?? 0) / 1000,
  );
}

/** By name of the webhook, which anyone who runs the controller gave it. */
function addWebhooks(set: MetricSet, { notifier }: ControllerMetricsParts): void {
  const labels = ['webhook'];
  const by = (read: (standing: WebhookStatus) => number | undefined) => (): Labelled[] =>
    notifier.statuses().flatMap(standing => {
      const value = read(standing);
      return value === undefined ? [] : [{ labels: { webhook: standing.name }, value }];
    });
  set.counters(
    { name: 'farcall_controller_webhook_sent_total', help: 'Events that a webhook has taken.', labels },
    by(({ sent }) => sent),
  );
  set.counters(
    { name: 'farcall_controller_webhook_failed_total', help: 'Tries that a webhook did not take.', labels },
    by(({ failed }) => failed),
  );
  set.counters(
    {
      name: 'farcall_controller_webhook_dropped_total',
      help: 'Events that a webhook did not take within three days.',
      labels,
    },
    by(({ dropped }) => dropped),
  );
  set.gauges(
    {
      name: 'farcall_controller_webhook_waiting_seconds',
      help: 'How long the next event has been waiting; absent where another controller sends.',
      labels,
    },
    by(({ waitingMs }) => waitingMs && waitingMs / 1000),
  );
}

/** By name of the sink. A sink that is away makes nothing unready: the log is in the store. */
function addSinks(set: MetricSet, { auditSinks }: ControllerMetricsParts): void {
  const by = (read: (status: SinkStatus) => number | undefined) => (): Labelled[] =>
    auditSinks.statuses().flatMap(status => {
      const value = read(status);
      return value === undefined ? [] : [{ labels: { sink: status.name }, value }];
    });
  set.counters(
    {
      name: 'farcall_controller_audit_sink_sent_total',
      help: 'Entries of the audit log that a sink has accepted, repeats included.',
      labels: ['sink'],
    },
    by(({ sent }) => sent),
  );
  set.counters(
    {
      name: 'farcall_controller_audit_sink_failed_total',
      help: 'Tries that a sink did not accept.',
      labels: ['sink'],
    },
    by(({ failed }) => failed),
  );
  set.gauges(
    {
      name: 'farcall_controller_audit_sink_backlog_entries',
      help: 'Entries that wait for a sink; absent where another controller streams.',
      labels: ['sink'],
    },
    by(({ backlog }) => backlog),
  );
}

/**
 * Serves a controller's metrics and probes on `listen`. Throws CONFIG_INVALID if it cannot listen there.
 */
export function serveControllerMetrics(
  listen: string,
  parts: ControllerMetricsParts,
  { set }: ControllerMetrics,
): Promise<MetricsServer> {
  return serveMetrics({ listen, metrics: set, checks: controllerChecks(parts) });
}

function controllerChecks({ bus, condition, signer }: ControllerMetricsParts): readonly Check[] {
  return [
    {
      name: 'broker',
      run() {
        if (bus.connectedSinceMs() === undefined)
          throw new FarcallError('UNREACHABLE', 'there is no connection to the broker; the log says why');
      },
    },
    { name: 'store', run: () => condition.check() },
    { name: 'trust', run: () => signer.check() },
  ];
}

/** `commit`, with the time of each measured. */
export function timedCommit(commit: CommitResult, seconds: Observer): CommitResult {
  return async result => {
    const startedMs = performance.now();
    try {
      return await commit(result);
    } finally {
      seconds.observe((performance.now() - startedMs) / 1000);
    }
  };
}
