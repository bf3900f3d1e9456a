/** How a panel shows its numbers. */
export type PanelUnit = 'short' | 's' | 'bytes' | 'percentunit' | 'ops';

/** One line of a panel: a query, and the name of what it gives. */
export interface PanelQuery {
  readonly expr: string;
  readonly legend: string;
}

/** One panel: a number, or lines over time. */
export interface Panel {
  readonly title: string;
  /** What to make of it, in a sentence or two. */
  readonly description: string;
  readonly kind: 'number' | 'lines';
  readonly unit: PanelUnit;
  readonly queries: readonly PanelQuery[];
}

/** A dashboard of Grafana, before it is laid out. */
export interface Dashboard {
  /** Its name in the address; never changes. */
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const number = (title: string, expr: string, description: string, unit: PanelUnit = 'short'): Panel => ({
  ...{ title, description, kind: 'number', unit, queries: [{ expr, legend: title }] },
});

const lines = (
  title: string,
  queries: Readonly<Record<string, string>>,
  description: string,
  unit: PanelUnit = 'short',
): Panel => ({
  ...{ title, description, kind: 'lines', unit },
  queries: Object.entries(queries).map(([legend, expr]) => ({ legend, expr })),
});

/** The dashboards that come with farcall. */
export const DASHBOARDS: readonly Dashboard[] = [
  {
    uid: 'farcall-fleet',
    title: 'farcall: fleet',
    panels: [
      number('Hosts', 'max(farcall_controller_hosts)', 'Hosts that are enrolled and have said hello.'),
      number(
        'Silent',
        'max(farcall_controller_hosts_silent)',
        'No sign of life for a minute. An order would not reach them.',
      ),
      number('Held', 'max(farcall_controller_hosts_held)', 'No orders until a person accepts them.'),
      number('Clocks wrong', 'max(farcall_controller_host_clocks_wrong)', 'By more than 30 seconds.'),
      lines(
        'Silent hosts',
        { silent: 'max(farcall_controller_hosts_silent)' },
        'A step means that a rack, a site or a broker went away.',
      ),
      lines(
        'Outcomes',
        { '{{outcome}}': 'sum by (outcome) (rate(farcall_controller_results_total{effect="outcome"}[5m]))' },
        'Results that controllers have committed.',
        'ops',
      ),
      lines(
        'Results that wait on hosts',
        { results: 'sum(farcall_agent_results_waiting)' },
        'They are safe in the journals of their hosts.',
      ),
      lines(
        'Agents without a broker',
        { agents: 'count(farcall_agent_broker_connected == 0) or vector(0)' },
        'No order reaches them.',
      ),
    ],
  },
  {
    uid: 'farcall-requests',
    title: 'farcall: requests and rollouts',
    panels: [
      number(
        'Wait for approvals',
        'max(farcall_controller_requests{state="pending"})',
        'Requests that too few people have approved.',
      ),
      number(
        'Under way',
        'max(farcall_controller_requests{state="dispatched"})',
        'Requests that are ordered, and not over.',
      ),
      number(
        'Emergencies to review',
        'max(farcall_controller_emergencies_unreviewed)',
        'People who were not in them must review them.',
      ),
      number(
        'Overdue',
        'max(farcall_controller_emergencies_overdue)',
        'Emergencies whose time for reviews is over.',
      ),
      lines(
        'Requests',
        { '{{state}}': 'max by (state) (farcall_controller_requests)' },
        'All requests in the store, by state.',
      ),
      lines(
        'Calls that went wrong',
        {
          '{{outcome}}':
            'sum by (outcome) (increase(farcall_controller_results_total{effect="outcome", outcome=~"faulted|timed-out|unknown|load-error|refused"}[10m]))',
        },
        'The gate of a wave counts them, and stops its rollout.',
      ),
      lines(
        'From result to commit',
        {
          median:
            'histogram_quantile(0.5, sum by (le) (rate(farcall_controller_result_commit_seconds_bucket[5m])))',
          p99: 'histogram_quantile(0.99, sum by (le) (rate(farcall_controller_result_commit_seconds_bucket[5m])))',
        },
        'From a verified result to its commit and signature.',
        's',
      ),
      lines(
        'Aborts that hosts obey',
        { '{{progress}}': 'sum by (progress) (rate(farcall_controller_aborts_obeyed_total[5m]))' },
        'Signed statements of hosts.',
        'ops',
      ),
    ],
  },
  {
    uid: 'farcall-controller',
    title: 'farcall: controllers',
    panels: [
      number('Broker', 'min(farcall_controller_broker_connected)', '1 if every controller is connected.'),
      number('Store', 'min(farcall_controller_store_writable)', '1 if the store takes writes.'),
      number(
        'Bundle ends in',
        'min(farcall_controller_trust_bundle_expires_timestamp_seconds) - time()',
        'Nothing runs after that.',
        's',
      ),
      number('Audit entries', 'max(farcall_controller_audit_entries)', 'The log only grows.'),
      lines(
        'Messages of hosts',
        { '{{topic}}': 'sum by (topic) (rate(farcall_controller_messages_total[5m]))' },
        'By topic. A fleet that reconnects says hello at once.',
        'ops',
      ),
      lines(
        'Messages that were refused',
        { '{{result}}': 'sum by (result) (rate(farcall_controller_messages_total{result!="ok"}[5m]))' },
        'TOKEN_ codes: somebody forged messages, or a host was set up again.',
        'ops',
      ),
      lines(
        'Event loop',
        { '{{instance}} p99': 'nodejs_eventloop_lag_p99_seconds{job="farcall-controller"}' },
        'How late timers run.',
        's',
      ),
      lines(
        'Memory',
        { '{{instance}}': 'process_resident_memory_bytes{job="farcall-controller"}' },
        'Resident memory.',
        'bytes',
      ),
      lines(
        'Webhooks that wait',
        { '{{webhook}}': 'max by (webhook) (farcall_controller_webhook_waiting_seconds)' },
        'How long the next event has waited.',
        's',
      ),
      lines(
        'Audit sinks behind',
        { '{{sink}}': 'max by (sink) (farcall_controller_audit_sink_backlog_entries)' },
        'Entries that wait for a sink.',
      ),
    ],
  },
  {
    uid: 'farcall-agents',
    title: 'farcall: agents',
    panels: [
      number('Connected', 'sum(farcall_agent_broker_connected)', 'Agents with a connection to the broker.'),
      number(
        'Bundles withheld',
        'count(farcall_agent_trust_bundle_withheld_version > 0) or vector(0)',
        'Hosts that cannot get a bundle which a controller names.',
      ),
      lines(
        'Outcomes',
        { '{{outcome}}': 'sum by (outcome) (rate(farcall_agent_outcomes_total[5m]))' },
        'Orders that ended on hosts.',
        'ops',
      ),
      lines(
        'Trust bundles',
        { 'version {{version}}': 'count_values("version", farcall_agent_trust_bundle_version)' },
        'How many hosts have which version.',
      ),
      lines(
        'Journals',
        { largest: 'max(farcall_agent_journal_bytes)' },
        'The largest journal of any host.',
        'bytes',
      ),
      lines(
        'Memory',
        {
          median: 'quantile(0.5, process_resident_memory_bytes{job="farcall-agent"})',
          p99: 'quantile(0.99, process_resident_memory_bytes{job="farcall-agent"})',
        },
        'Resident memory of agents.',
        'bytes',
      ),
    ],
  },
];
