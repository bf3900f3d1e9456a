import { asciiJson } from '../../shared/json/index.ts';
import { type HostFacts, type LabelsStatement, POLICY_CHARS } from '../../shared/messages/index.ts';
import type { Keyring } from '../../shared/tokens/index.ts';
import { checkFresh, keyringOf } from '../../shared/trust/index.ts';
import { agentVersion } from '../../shared/version/index.ts';
import { keepAdmission } from '../admission/index.ts';
import {
  type ConnectableBus,
  CredentialRenewer,
  credentialEndsAtMs,
  credentialFile,
  Hello,
  Incarnation,
  MissedOrders,
  OrderQueue,
  ResultSender,
  sayAborted,
} from '../bus/index.ts';
import { LatestCheckpoints } from '../checkpoint/index.ts';
import type { OrderContext } from '../context/index.ts';
import { type HostDenies, hostDenies } from '../denies/index.ts';
import { unfitReasons } from '../fitness/index.ts';
import { typesQueries } from '../kernel-types/index.ts';
import { takeLabels as takeVerified } from '../labels/index.ts';
import { planQueries } from '../plan/index.ts';
import { tellablePolicy } from '../policy/index.ts';
import { type QueryQueue, queryQueue } from '../queries/index.ts';
import { receiveAbort, runOrder } from '../run-order/index.ts';
import { moduleSigner } from '../signing/index.ts';
import { namedTrustVersion, TrustFetcher } from '../trust/index.ts';
import type { AgentFoundation } from './foundation.ts';

/** Most orders without enough approvals that the journal remembers; see `giveUp` in run-order. */
const UNAPPROVED_LIMIT = 4096;

/** The parts of an agent that act, each of which does nothing before it is called. */
export interface AgentServices {
  readonly bus: ConnectableBus;
  readonly context: OrderContext;
  readonly checkpoints: LatestCheckpoints;
  readonly hello: Hello;
  readonly incarnation: Incarnation;
  readonly results: ResultSender;
  readonly trustFetcher: TrustFetcher;
  readonly orders: OrderQueue;
  readonly missedOrders: MissedOrders;
  readonly plans: QueryQueue;
  readonly types: QueryQueue;
  /** Keeps what is denied on this host. */
  readonly denies: HostDenies;
  /** Takes new labels from anybody; verifies them. */
  readonly takeLabels: (statements: readonly LabelsStatement[]) => Promise<void>;
  /** Undefined for a host without a credential for the broker. */
  readonly credential: CredentialRenewer | undefined;
}

/**
 * Builds the services of an agent on `bus` and ties them to each other. Starts nothing: no timer, no
 * connection.
 */
export function buildServices(foundation: AgentFoundation, bus: ConnectableBus): AgentServices {
  const { config, identity, clock, log, random, trust, stages, counters } = foundation;
  const { host, stateDirectory, askJitterMs: jitterMs } = config;
  const checkpoints = new LatestCheckpoints({
    ...{ stateDirectory, clock, log, random, jitterMs },
    bundle: () => trust.now().bundle,
  });
  const denies = hostDenies({
    ...{ journal: foundation.journal, probes: stages.probes, clock, log },
    bootId: () => stages.health().bootId,
  });
  const hello = new Hello({
    ...{ bus, identity, clock, log, agentVersion: agentVersion() },
    facts: () => stages.facts(),
    terms: () => hostTerms(foundation, denies),
    checkpoint: () => checkpoints.newest(),
  });
  checkpoints.onContradicted(() => void hello.send());
  const results = resultSender(foundation, { bus, checkpoints, hello });
  const incarnation = new Incarnation({
    ...{ journal: foundation.journal, identity, clock, log },
    controllers: () => keyringOf(trust.now().bundle.controllers),
    onVerdict: held =>
      keepAdmission(stateDirectory, { atMs: clock.nowMs(), ...(held !== undefined && { held }) }),
  });
  const context = orderContext(foundation, {
    ...{ bus, results, incarnation },
    tendDenies: () => void denies.tend().then(() => hello.sendIfChanged()),
  });
  const trustFetcher = new TrustFetcher({ bus, host, store: trust, counters, log, random, jitterMs });
  const orders = new OrderQueue({
    counters: foundation.counters,
    log,
    async run(envelopeBytes) {
      await trustFetcher.catchUp(namedTrustVersion(envelopeBytes));
      await runOrder(envelopeBytes, context).finally(() => hello.sendIfChanged());
    },
  });
  const takeLabels = labelTaker(foundation, hello);
  const missedOrders = missedOrdersFor(foundation, {
    ...{ bus, context, checkpoints, hello, orders, results, takeLabels, trustFetcher, incarnation },
  });
  orders.onCapacity(() => missedOrders.ask());
  // Orders that named a bundle which this host did not have are open at the controller.
  trust.onChanged(() => missedOrders.ask());
  const queries = { bus, context, catchUp: () => trustFetcher.catchUp() };
  return {
    ...{ bus, context, checkpoints, hello, incarnation, results, trustFetcher, orders, missedOrders },
    ...{ denies, takeLabels },
    plans: queryQueue(planQueries(context), queries),
    types: queryQueue(typesQueries(context), queries),
    credential: credentialRenewer(foundation, bus, () => void hello.sendIfChanged()),
  };
}

/** Says hello, with the labels in it, once this host has taken others. */
function labelTaker(foundation: AgentFoundation, hello: Hello): AgentServices['takeLabels'] {
  return async statements => {
    if (await takeVerified(foundation, statements)) await hello.send();
  };
}

function resultSender(
  foundation: AgentFoundation,
  { bus, checkpoints, hello }: Pick<AgentServices, 'bus' | 'checkpoints' | 'hello'>,
): ResultSender {
  const { journal, identity, clock, log, random } = foundation;
  return new ResultSender({
    ...{ bus, journal, identity, clock, log, random },
    checkpoint: token => checkpoints.offer(token),
    controllers: () => currentControllers(foundation),
    rejected: () => void hello.send(),
  });
}

function orderContext(
  foundation: AgentFoundation,
  {
    bus,
    results,
    incarnation,
    tendDenies,
  }: Pick<AgentServices, 'bus' | 'results' | 'incarnation'> & Pick<OrderContext, 'tendDenies'>,
): OrderContext {
  const { trust, policy, identity, journal, stages, kernelRelease, clock, counters, log } = foundation;
  const signer = moduleSigner({
    ...{ policy, stages, identity, clock, log },
    ask: (envelope, timeoutMs) => bus.request('sign', envelope, timeoutMs),
  });
  return {
    ...{ trust, policy, identity, journal, stages, signer, kernelRelease, clock, counters, log },
    writes: foundation.writes,
    unapprovedLimit: UNAPPROVED_LIMIT,
    admitted: () => incarnation.admitted(),
    journalPosition: () => incarnation.position(),
    sayAborted: digest => sayAborted({ bus, identity, journal, clock, log }, digest),
    resultReady: () => results.wake(),
    tendDenies,
  };
}

function missedOrdersFor(
  { config, identity, log, random }: AgentFoundation,
  services: Pick<
    AgentServices,
    | 'bus'
    | 'context'
    | 'checkpoints'
    | 'hello'
    | 'incarnation'
    | 'orders'
    | 'results'
    | 'takeLabels'
    | 'trustFetcher'
  >,
): MissedOrders {
  const { bus, context, checkpoints, hello, incarnation, orders, results, trustFetcher } = services;
  return new MissedOrders({
    ...{ bus, incarnation, log, random, host: config.host, jitterMs: config.askJitterMs },
    take: envelopeBytes => orders.take(envelopeBytes),
    receiveAbort: envelopeBytes => receiveAbort(envelopeBytes, context),
    checkpoint: token => checkpoints.offer(token),
    hear: freshness => trustFetcher.hear(freshness),
    labels: { number: () => identity.heldLabels.number, take: services.takeLabels },
    controllerIsBack: () => void hello.send(),
    async carriedOut() {
      await orders.idle();
      await results.idle();
    },
  });
}

/**
 * The keys of the controllers whose signature lets this host drop a result. Throws TRUST_INVALID if no bundle
 * is valid now: results are kept then.
 */
function currentControllers({ trust, clock }: Pick<AgentFoundation, 'trust' | 'clock'>): Keyring {
  const { bundle, bundleIsOver } = trust.now();
  const nowMs = clock.nowMs();
  checkFresh(bundle, bundleIsOver ? Math.max(nowMs, bundle.expiresAtMs) : nowMs);
  return keyringOf(bundle.controllers);
}

function credentialRenewer(
  { config: { host, nats }, clock, log, random }: AgentFoundation,
  bus: ConnectableBus,
  renewed: () => void,
): CredentialRenewer | undefined {
  if (nats.credentialFile === undefined) return undefined;
  const file = credentialFile(nats.credentialFile);
  return new CredentialRenewer({ bus, host, file, clock, log, random, renewed });
}

/** What operators are told of the rules of this host, but for where its key for modules is. */
function hostTerms(
  { policy, config: { nats, stateDirectory }, stages }: AgentFoundation,
  denies: HostDenies,
): Pick<HostFacts, 'policy' | 'credentialEndsAtMs' | 'unfit' | 'probes'> {
  const probes = denies.look();
  const credential = nats.credentialFile === undefined ? undefined : readIfThere(nats.credentialFile);
  const endsAtMs = credential === undefined ? undefined : credentialEndsAtMs(credential);
  const unfit = unfitReasons({ facts: stages.facts(), policy, stateDirectory });
  return {
    policy: asciiJson(tellablePolicy(policy)).slice(0, POLICY_CHARS),
    ...(endsAtMs !== undefined && { credentialEndsAtMs: endsAtMs }),
    ...(unfit.length > 0 && { unfit: [...unfit] }),
    ...(probes.length > 0 && { probes }),
  };
}

function readIfThere(file: string): string | undefined {
  try {
    return credentialFile(file).read();
  } catch {
    return undefined;
  }
}
