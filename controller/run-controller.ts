import type { Clock } from '../shared/clock/index.ts';
import { brokerTls } from '../shared/tls/index.ts';
import { readKeyFile } from '../shared/tokens/index.ts';
import { readTrustBundle } from '../shared/trust/index.ts';
import { type AdvanceDeps, advanceAll, advanceRequest } from './advance-request.ts';
import { authenticator, operatorHandlers, startApi } from './api/index.ts';
import { type Bus, connectBus, createCounters, type HostListening, listenToHosts } from './bus/index.ts';
import { apiTls, type ControllerConfig, readSecretFile } from './config/index.ts';
import { type AnswerDeps, answerOrdersQuery, type PublishDeps, publishOrders } from './dispatch/index.ts';
import { hostManagement, type RenewDeps, redeemEnrolment, renewCredential } from './enrolment/index.ts';
import {
  type ExpireDeps,
  expireOverdue,
  type HelloDeps,
  type ResultDeps,
  receiveHello,
  receiveResult,
} from './gather/index.ts';
import type { Logger } from './log/index.ts';
import { openEnrolment } from './open-enrolment.ts';
import { newRequestId } from './requests/index.ts';
import { orderSigner } from './signing/index.ts';
import { openStore } from './store/index.ts';
import { startTicker } from './ticker.ts';
import { trustSource } from './trust/index.ts';

/** A controller at work. */
export interface RunningController {
  /** Where the operator API listens. */
  readonly address: string;
  /** Stops taking calls and messages, and closes the store. */
  close(): Promise<void>;
}

/** How often the controller looks for what is past its time, or still waits for the broker. */
const TICK_MS = 1000;

/** Starts a controller: trust, store, broker, operator API, in this order. Throws where one of them cannot be had. */
export async function runController(
  config: ControllerConfig,
  log: Logger,
  clock: Clock,
): Promise<RunningController> {
  const bundle = readTrustBundle(config.trustFile);
  const trust = trustSource(bundle, clock);
  trust.current();
  const signer = orderSigner(config.name, readKeyFile(config.keyFile), bundle, clock);
  const store = openStore(config.storeFile, clock);
  const bus = connectBroker(config, log);
  const counters = createCounters();
  const { hostSilenceMs } = config;
  const enrolling = openEnrolment(config, clock);
  const hostCredentials = enrolling?.hostCredentials;
  const parts = {
    ...{ ...store, bus, counters, trust, signer, clock, log, hostSilenceMs, hostCredentials },
    ...{ newId: newRequestId, enrolmentAddress: config.enrolment?.address },
  };

  listenToFleet(parts);
  const ticker = startTicker(TICK_MS, () => moveOn(parts));
  bus.onConnected(ticker.wake);
  const advance = async (requestId: string): Promise<void> => {
    await advanceRequest(parts, requestId);
    ticker.wake();
  };
  const api = await startApi({
    listen: config.listen,
    tls: apiTls(config),
    redeem: enrolling && (redemption => redeemEnrolment({ ...parts, ...enrolling }, redemption)),
    authenticate: authenticator(trust, clock),
    handlers: operatorHandlers({ ...parts, advance, management: hostManagement(parts) }),
    log,
  });
  log.info({ listen: api.address, name: config.name, trustVersion: bundle.version }, 'controller ready');
  return {
    address: api.address,
    async close() {
      await api.close();
      await ticker.stop();
      await bus.close();
      await store.close();
      log.info({ messages: counters.all() }, 'controller stopped');
    },
  };
}

function connectBroker({ name, nats }: ControllerConfig, log: Logger): Bus {
  const { servers, credentialsFile, caFile } = nats;
  const credentials = credentialsFile === undefined ? undefined : () => readSecretFile(credentialsFile);
  // Read once now: what is wrong with it is an error of the start, not of a connection.
  credentials?.();
  const tls = brokerTls(servers, caFile);
  return connectBus({ servers, name: `farcall-controller ${name}`, credentials, tls }, log);
}

type FleetParts = HostListening & HelloDeps & ResultDeps & AnswerDeps & RenewDeps;

function listenToFleet(parts: FleetParts): void {
  listenToHosts(parts, 'hello', message => receiveHello(parts, message));
  listenToHosts(parts, 'result', message => receiveResult(parts, message));
  listenToHosts(parts, 'orders', message => answerOrdersQuery(parts, message));
  listenToHosts(parts, 'credential', message => renewCredential(parts, message));
}

/** Everything that time or an event made possible. A failure is logged, and the next tick tries again. */
async function moveOn(parts: ExpireDeps & AdvanceDeps & PublishDeps): Promise<void> {
  for (const step of [expireOverdue, advanceAll, publishOrders] as const) {
    try {
      await step(parts);
    } catch (err) {
      parts.log.warn({ step: step.name, err }, 'step failed; it is tried again');
    }
  }
}
