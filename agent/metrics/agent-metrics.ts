import type { Clock } from '../../shared/clock/index.ts';
import type { CounterSet } from '../../shared/counters/index.ts';
import { FarcallError } from '../../shared/errors/index.ts';
import {
  type Check,
  type Labelled,
  MetricSet,
  type MetricsServer,
  serveMetrics,
} from '../../shared/metrics/index.ts';
import { checkFresh } from '../../shared/trust/index.ts';
import type { Journal } from '../journal/index.ts';
import type { HostTrustStore } from '../trust/index.ts';

/** The parts of an agent that its metrics and probes read. */
export interface AgentMetricsParts {
  readonly counters: Pick<CounterSet, 'all'>;
  readonly journal: Pick<Journal, 'pending' | 'sizeBytes' | 'checkWritable'>;
  readonly trust: Pick<HostTrustStore, 'now' | 'status'>;
  readonly agent: { isConnected(): boolean };
  readonly clock: Clock;
}

const OUTCOME = 'outcome.';

/** Serves this agent's metrics and probes on `listen`. Throws CONFIG_INVALID if it cannot listen there. */
export function serveAgentMetrics(listen: string, parts: AgentMetricsParts): Promise<MetricsServer> {
  return serveMetrics({ listen, metrics: agentMetrics(parts), checks: agentChecks(parts) });
}

function agentMetrics({ counters, journal, trust, agent }: AgentMetricsParts): MetricSet {
  const set = new MetricSet();
  const counted = (wanted: (name: string) => boolean) =>
    Object.entries(counters.all()).filter(([name]) => wanted(name));
  set.counters(
    { name: 'farcall_agent_outcomes_total', help: 'Orders that ended, by outcome.', labels: ['outcome'] },
    () =>
      counted(name => name.startsWith(OUTCOME)).map(
        ([name, value]): Labelled => ({ labels: { outcome: name.slice(OUTCOME.length) }, value }),
      ),
  );
  set.counters(
    {
      name: 'farcall_agent_events_total',
      help: 'What else happened, by event; order.ignored.CODE are messages that nobody pinned has sent.',
      labels: ['event'],
    },
    () =>
      counted(name => !name.startsWith(OUTCOME)).map(
        ([event, value]): Labelled => ({ labels: { event }, value }),
      ),
  );
  set.gauge(
    { name: 'farcall_agent_results_waiting', help: 'Results that no controller has committed yet.' },
    () => journal.pending().length,
  );
  set.gauge({ name: 'farcall_agent_journal_bytes', help: 'Size of the journal.' }, () => journal.sizeBytes);
  set.gauge(
    { name: 'farcall_agent_broker_connected', help: 'Whether there is a connection to the broker.' },
    () => Number(agent.isConnected()),
  );
  set.gauge(
    { name: 'farcall_agent_trust_bundle_version', help: 'Version of the trust bundle that counts.' },
    () => trust.now().bundle.version,
  );
  set.gauge(
    {
      name: 'farcall_agent_trust_bundle_expires_timestamp_seconds',
      help: 'When the trust bundle ends; nothing runs after that.',
    },
    () => trust.now().bundle.expiresAtMs / 1000,
  );
  set.gauge(
    {
      name: 'farcall_agent_trust_bundle_confirmed_timestamp_seconds',
      help: 'When a controller last stated that no trust bundle is newer; 0 if none has since the start.',
    },
    () => trust.status().confirmedAtMs / 1000,
  );
  set.gauge(
    {
      name: 'farcall_agent_trust_bundle_withheld_version',
      help: 'Version of a newer trust bundle that a controller named and this host cannot get; 0 if none.',
    },
    () => trust.status().newer?.version ?? 0,
  );
  return set;
}

function agentChecks({ journal, trust, agent, clock }: AgentMetricsParts): readonly Check[] {
  return [
    {
      name: 'broker',
      run() {
        if (!agent.isConnected())
          throw new FarcallError('UNREACHABLE', 'there is no connection to the broker; the log says why');
      },
    },
    {
      name: 'trust',
      run() {
        const { bundle, bundleIsOver } = trust.now();
        checkFresh(bundle, bundleIsOver ? Math.max(clock.nowMs(), bundle.expiresAtMs) : clock.nowMs());
      },
    },
    { name: 'journal', run: () => journal.checkWritable() },
  ];
}
