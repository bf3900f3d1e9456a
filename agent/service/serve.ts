import { setTimeout as delay } from 'node:timers/promises';
import { type LabelsStatement, labelsStatementCodec } from '../../shared/messages/index.ts';
import { ConnectJitter, Heartbeat } from '../bus/index.ts';
import { receiveAbort, recoverInterrupted } from '../run-order/index.ts';
import type { AgentFoundation } from './foundation.ts';
import type { AgentServices } from './services.ts';

/**
 * How long a stop tries to deliver what has just ended, in milliseconds. What is left is sent after the next
 * start.
 */
const STOP_DELIVERY_MS = 2000;

/** How often the agent takes out denies that are over, and tells what they have counted. */
const DENIES_MS = 30_000;

/** How often the agent looks whether trust bundles, or statements about them, are withheld from it. */
const TRUST_REPORT_MS = 30_000;

/**
 * Starts what an agent does: ends the attempts that were interrupted, serves metrics, and connects to the
 * broker in the background. How each of these stops is put on `opened`, also if this throws; see
 * `RunningAgent.stop`.
 */
export async function serve(
  foundation: AgentFoundation,
  services: AgentServices,
  opened: AsyncDisposableStack,
): Promise<void> {
  const { journal, clock } = foundation;
  stopWith(opened, foundation, services);
  await recoverInterrupted(services.context);
  await services.denies.takeOver();
  journal.compactIfDue(clock.nowMs());
  await serveMetrics(foundation, services, opened);
  opened.adopt(startHeartbeat(foundation, services), heartbeat => heartbeat.stop());
  opened.adopt(
    setInterval(() => foundation.trust.report(), TRUST_REPORT_MS),
    timer => clearInterval(timer),
  );
  opened.adopt(
    setInterval(() => services.context.tendDenies(), DENIES_MS),
    timer => clearInterval(timer),
  );
  connect(foundation, services, opened);
}

/** Puts on `opened` how services stop. They stop in the reverse order of these lines. */
function stopWith(
  opened: AsyncDisposableStack,
  { config, log, counters }: AgentFoundation,
  services: AgentServices,
): void {
  const { bus, checkpoints, results, orders, incarnation } = services;
  const { plans, types, missedOrders, trustFetcher, credential } = services;
  opened.defer(() => checkpoints.takeOffered());
  opened.defer(() => log.info({ counts: counters.all() }, 'the agent stops'));
  opened.defer(async () => void (await within(STOP_DELIVERY_MS, bus.close())));
  opened.defer(async () => {
    await within(STOP_DELIVERY_MS, results.idle());
    await within(STOP_DELIVERY_MS, results.stop());
  });
  opened.defer(async () => {
    const inTime = await within(config.stopGraceMs, orders.stop());
    if (!inTime) log.warn('a call is still running; its outcome will be unknown after the next start');
  });
  for (const service of [incarnation, credential, trustFetcher, types, plans, missedOrders])
    opened.defer(() => service?.stop());
}

/** Loads the code that serves metrics only if they are configured: an idle agent without it is smaller. */
async function serveMetrics(
  foundation: AgentFoundation,
  { bus }: AgentServices,
  opened: AsyncDisposableStack,
): Promise<void> {
  const { config, log } = foundation;
  if (!config.metrics) return;
  const { serveAgentMetrics } = await import('../metrics/index.ts');
  const server = await serveAgentMetrics(config.metrics.listen, { ...foundation, agent: bus });
  opened.adopt(server, each => each.close());
  log.info({ listen: server.address }, 'the agent serves metrics and probes');
}

function startHeartbeat(
  { identity, clock, counters, log, stages, journal, trust }: AgentFoundation,
  { bus, incarnation }: AgentServices,
): Heartbeat {
  return new Heartbeat({
    ...{ bus, identity, clock, counters, log },
    health: () => stages.health(),
    waitingResults: () => journal.pending().length,
    trust: () => trust.status(),
    journal: () => incarnation.position(),
  });
}

function connect(foundation: AgentFoundation, services: AgentServices, opened: AsyncDisposableStack): void {
  const { config, counters, random } = foundation;
  const { bus, context, hello, results, missedOrders, trustFetcher, orders } = services;
  const announce = (): void => {
    void hello.send();
    results.retryAll();
    missedOrders.ask(0);
  };
  const jitter = new ConnectJitter({ announce, random, jitterMs: config.askJitterMs });
  opened.adopt(jitter, each => each.stop());
  opened.defer(() => bus.stopOrders());
  bus.connect({
    connected() {
      counters.count('broker.connected');
      services.incarnation.begin();
      jitter.connected();
      trustFetcher.ask();
      services.credential?.connected();
    },
    order: bytes => orders.take(bytes),
    abort: bytes => void receiveAbort(bytes, context),
    trust: bytes => void trustFetcher.take(bytes),
    statement: bytes => void trustFetcher.takeStatement(bytes),
    plan: bytes => services.plans.take(bytes),
    types: bytes => services.types.take(bytes),
    labels: bytes => void services.takeLabels(statementIn(bytes)),
  });
}

/** The new labels in these bytes; none in those that are no statement of labels. */
function statementIn(bytes: Uint8Array): readonly LabelsStatement[] {
  try {
    return [labelsStatementCodec.decode(bytes)];
  } catch {
    return [];
  }
}

/** Whether `work` ends within so many milliseconds. */
async function within(limitMs: number, work: Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  const late = delay(limitMs, false, { signal: stop.signal }).catch(() => false);
  const done = await Promise.race([work.then(() => true), late]);
  stop.abort();
  return done;
}
