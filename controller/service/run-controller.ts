import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock/index.ts';
import { consolePage } from '../../shared/code-beside/index.ts';
import { CounterSet } from '../../shared/counters/index.ts';
import { toFarcallError } from '../../shared/errors/index.ts';
import { readSecretText } from '../../shared/files/index.ts';
import { brokerTls } from '../../shared/tls/index.ts';
import { readKeyFile } from '../../shared/tokens/index.ts';
import { readRootsFile } from '../../shared/trust/index.ts';
import { type PublishAbortsDeps, publishAborts } from '../abort/index.ts';
import { authenticator, operatorHandlers, startApi } from '../api/index.ts';
import { checkpointMaker, checkpointWitness } from '../audit/index.ts';
import { type Bus, connectBus, type HostListening, listenToHosts } from '../bus/index.ts';
import { apiTls, type ControllerConfig, storeLocation } from '../config/index.ts';
import {
  type ConsoleConfig,
  type ConsoleDeps,
  type ListeningConsole,
  newCode,
  oidcProvider,
  startConsole,
} from '../console/index.ts';
import { type PublishDeps, publishOrders } from '../dispatch/index.ts';
import { hostManagement, type RenewDeps, redeemEnrolment, renewCredential } from '../enrolment/index.ts';
import {
  type AnswerDeps,
  answerOrdersQuery,
  type ExpireDeps,
  expireOverdue,
  groupCommit,
  type HeartbeatDeps,
  type HelloDeps,
  heartbeatWriter,
  type ResultDeps,
  receiveHeartbeat,
  receiveHello,
  receiveResult,
} from '../gather/index.ts';
import { healthSource } from '../health/index.ts';
import { KernelCache, KernelTypesFetcher, TypesReplies } from '../kernels/index.ts';
import type { Logger } from '../log/index.ts';
import { controllerMetrics, serveControllerMetrics, timedCommit } from '../metrics/index.ts';
import { answerSignQuery, openModuleSigning, type SignDeps } from '../module-signing/index.ts';
import { startNotifier, webhookOf } from '../notify/index.ts';
import { PlanReplies } from '../plan/index.ts';
import { newRequestId, readPrelude } from '../requests/index.ts';
import { startDriver } from '../rollout/index.ts';
import { committedSigner, type OrderSigner, orderSigner, planSigner, typesSigner } from '../signing/index.ts';
import { openPostgresStore, openStore, type Store } from '../store/index.ts';
import {
  type AnnounceDeps,
  answerTrustQuery,
  openTrustRegistry,
  type TrustAnswerDeps,
  trustAnnouncer,
  trustSource,
} from '../trust/index.ts';
import { type AdvanceDeps, advanceAll, advanceRequest } from './advance-request.ts';
import { openEnrolment } from './open-enrolment.ts';
import { taskRunner } from './run-tasks.ts';
import { startTicker } from './ticker.ts';

/** A controller at work. */
export interface RunningController {
  /** Where the operator API listens. */
  readonly address: string;
  /** Stops taking calls and messages, and closes the store. */
  close(): Promise<void>;
}

/** Where `npm run build` puts the page of the console. */
const CONSOLE_ASSETS = consolePage(import.meta.url);

/** How often the controller looks for what is past its time, or still waits for the broker. */
const TICK_MS = 1000;

/** How many results are verified and committed at a time: enough that both work and groups of them form. */
const RESULTS_AT_ONCE = 1024;

/** How many hellos and questions are looked at at a time: a fleet that comes back comes at one moment. */
const HELLOS_AT_ONCE = 64;
/** How many heartbeats are verified at a time. */
const HEARTBEATS_AT_ONCE = 16;

/** Queries for signatures that are looked at at a time; what they compile waits in one line. */
const SIGNATURES_AT_ONCE = 64;

/**
 * Starts a controller: store, trust, broker, operator API, in this order. Throws where one of them cannot be had. Without a
 * trust bundle, or with an expired one, it starts all the same: the next one comes over its API.
 */
export async function runController(
  config: ControllerConfig,
  log: Logger,
  clock: Clock,
): Promise<RunningController> {
  const pinned = readRootsFile(config.rootsFile);
  const key = readKeyFile(config.keyFile);
  const prelude = readPrelude(config.preludeFile);
  const store = await openConfiguredStore(config, log, clock);
  const holder = `${config.name} ${randomUUID()}`;
  const trustChanged = (): void => {
    warnOfTrust(signer, log);
    ticker.wake();
  };
  const registry = await openTrustRegistry({ ...store, pinned, log, changed: trustChanged });
  const trust = trustSource(() => registry.newest()?.bundle, clock);
  const signer = orderSigner(config.name, key, trust, clock);
  warnOfTrust(signer, log);
  const witness = checkpointWitness({ ...store, trust, log });
  const { name, checkpointFile: file, checkpointEveryMs: everyMs } = config;
  const maker = await checkpointMaker({
    ...store,
    witness,
    trust,
    holder,
    clock,
    log,
    name,
    key,
    file,
    everyMs,
  });
  const bus = connectBroker(config, log);
  const counters = new CounterSet();
  const { hostSilenceMs } = config;
  const signCommitted = committedSigner(config.name, key, clock);
  const notifier = await startNotifier({
    ...{ ...store, holder, clock, log, consoleOrigin: config.console?.origin },
    receivers: config.webhooks.map(({ secretFile, ...rest }) =>
      webhookOf({ ...rest, readSecret: () => readSecretText(secretFile) }, clock),
    ),
  });
  const watched = { ...store, counters, bus, trust, signer, clock, notifier };
  const metrics = config.metrics && { ...config.metrics, ...controllerMetrics(watched) };
  const committing = groupCommit({ outcomes: store.outcomes, signCommitted });
  const commitResult = metrics ? timedCommit(committing, metrics.commitSeconds) : committing;
  const enrolling = openEnrolment(config, clock);
  const keeper = heartbeatWriter({ ...store, log });
  const moduleSigner = openModuleSigning(config, clock);
  const parts = {
    ...{ ...store, commitResult, bus, counters, registry, trust, signer, clock, log, hostSilenceMs, witness },
    signPlan: planSigner(name, key, clock),
    planReplies: new PlanReplies({ bus, log, counters, hostKeys: store.hostKeys, clock }),
    signTypes: typesSigner(name, key, clock),
    typesReplies: new TypesReplies({ bus, log, counters, hostKeys: store.hostKeys, clock }),
    kernelCache: new KernelCache(store.kernelTypes),
    ...{ holder, newId: newRequestId, newestCheckpoint: maker.newest, prelude, heartbeatWriter: keeper },
    ...{ moduleSigner, moduleTrust: moduleSigner?.key.certificate },
    ...{ hostCredentials: enrolling?.hostCredentials, enrolmentAddress: config.enrolment?.address },
  };

  listenToFleet(parts);
  const kernelTypesFetcher = new KernelTypesFetcher(parts);
  const driver = startDriver({
    ...parts,
    health: healthSource(parts),
    ordered: () => ticker.wake(),
  });
  const { drive } = driver;
  async function driveRollouts(): Promise<void> {
    await driver.takeOver();
  }
  async function makeCheckpoint(): Promise<void> {
    await maker.makeIfDue();
  }
  async function refreshTrust(): Promise<void> {
    await registry.refresh();
  }
  const steps = [
    refreshTrust,
    trustAnnouncer(),
    publishAborts,
    expireOverdue,
    advanceAll,
    driveRollouts,
    publishOrders,
    makeCheckpoint,
  ];
  const ticker = startTicker(TICK_MS, taskRunner<StepDeps>(steps, { ...parts, drive }));
  bus.onConnected(ticker.wake);
  const advance = async (requestId: string): Promise<void> => {
    await advanceRequest({ ...parts, drive }, requestId);
    ticker.wake();
  };
  const handlers = operatorHandlers({
    ...{ ...parts, kernelTypesFetcher, advance, management: hostManagement(parts) },
    issueConsoleCode:
      config.console && (owner => newCode({ ...store, config: config.console!, clock }, owner)),
  });
  const api = await startApi({
    listen: config.listen,
    tls: apiTls(config),
    redeem: enrolling && (redemption => redeemEnrolment({ ...parts, ...enrolling }, redemption)),
    authenticate: authenticator({ ...store, trust, clock }),
    handlers,
    log,
  });
  const page = config.console && (await openConsole(config.console, { ...parts, name, handlers }));
  const metricsServer = metrics && (await serveControllerMetrics(metrics.listen, watched, metrics));
  if (metricsServer) log.info({ listen: metricsServer.address }, 'metrics and probes are served');
  const trustVersion = registry.newest()?.bundle.version ?? 0;
  log.info({ listen: api.address, name: config.name, trustVersion }, 'controller ready');
  return {
    address: api.address,
    async close() {
      await metricsServer?.close();
      await page?.close();
      await api.close();
      await ticker.stop();
      await driver.stop();
      await kernelTypesFetcher.stop();
      await notifier.stop();
      await bus.close();
      await keeper.stop();
      await maker.make().catch(err => log.error({ err }, 'no last checkpoint could be made'));
      await moduleSigner?.deriver.close();
      await store.close();
      log.info({ messages: counters.all() }, 'controller stopped');
    },
  };
}

function openConsole(
  config: ConsoleConfig,
  parts: Omit<ConsoleDeps, 'config' | 'tls' | 'assets' | 'oidc'>,
): Promise<ListeningConsole> {
  const { clock } = parts;
  const secretFile = config.oidc?.clientSecretFile;
  const secret = secretFile === undefined ? undefined : readSecretText(secretFile);
  const oidc = config.oidc && oidcProvider(config.oidc, { secret, clock });
  return startConsole({ ...parts, config, oidc, tls: apiTls(config), assets: CONSOLE_ASSETS });
}

/** SQLite, or PostgreSQL with a word in the log whenever it goes away or comes back. */
async function openConfiguredStore({ store }: ControllerConfig, log: Logger, clock: Clock): Promise<Store> {
  const location = storeLocation(store);
  if ('sqlite' in location) return openStore(location.sqlite, clock);
  let connected = true;
  return openPostgresStore(location.postgres, clock, (heard, err) => {
    if (heard !== connected && heard) log.info('the database is back');
    if (heard !== connected && !heard) log.error({ err }, 'the database is away; connecting anew');
    connected = heard;
  });
}

function connectBroker({ name, nats }: ControllerConfig, log: Logger): Bus {
  const { servers, credentialsFile, caFile } = nats;
  const credentials = credentialsFile === undefined ? undefined : () => readSecretText(credentialsFile);
  // Read once now: what is wrong with it is an error of the start, not of a connection.
  credentials?.();
  const tls = brokerTls(servers, caFile);
  return connectBus({ servers, name: `farcall-controller ${name}`, credentials, tls }, log);
}

type FleetParts = HostListening &
  HelloDeps &
  HeartbeatDeps &
  ResultDeps &
  AnswerDeps &
  TrustAnswerDeps &
  RenewDeps &
  SignDeps;

function listenToFleet(parts: FleetParts): void {
  listenToHosts(parts, 'hello', message => receiveHello(parts, message), HELLOS_AT_ONCE);
  listenToHosts(parts, 'heartbeat', message => receiveHeartbeat(parts, message), HEARTBEATS_AT_ONCE);
  listenToHosts(parts, 'result', message => receiveResult(parts, message), RESULTS_AT_ONCE);
  listenToHosts(parts, 'orders', message => answerOrdersQuery(parts, message), HELLOS_AT_ONCE);
  listenToHosts(parts, 'trust', message => answerTrustQuery(parts, message), HELLOS_AT_ONCE);
  listenToHosts(parts, 'credential', message => renewCredential(parts, message));
  listenToHosts(parts, 'sign', message => answerSignQuery(parts, message), SIGNATURES_AT_ONCE);
}

type StepDeps = ExpireDeps & AdvanceDeps & PublishDeps & PublishAbortsDeps & AnnounceDeps;

/** Says what stands in the way of orders; it does not stop the controller, because the next bundle may mend it. */
function warnOfTrust(signer: OrderSigner, log: Logger): void {
  try {
    signer.check();
  } catch (thrown) {
    const { code, message } = toFarcallError(thrown);
    log.error({ code, reason: message }, 'this controller cannot order anything');
  }
}
