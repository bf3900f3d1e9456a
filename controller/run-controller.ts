import type { Clock } from '../shared/clock/index.ts';
import { readKeyFile } from '../shared/tokens/index.ts';
import { readTrustBundle } from '../shared/trust/index.ts';
import { type PublishAbortsDeps, publishAborts } from './abort/index.ts';
import { type AdvanceDeps, advanceAll, advanceRequest } from './advance-request.ts';
import { authenticator, operatorHandlers, startApi } from './api/index.ts';
import { checkpointMaker, checkpointWitness } from './audit/index.ts';
import { type Bus, connectBus, createCounters, type HostListening, listenToHosts } from './bus/index.ts';
import { type ControllerConfig, readSecretFile } from './config/index.ts';
import { type AnswerDeps, answerOrdersQuery, type PublishDeps, publishOrders } from './dispatch/index.ts';
import {
  type ExpireDeps,
  expireOverdue,
  groupCommit,
  type HelloDeps,
  type ResultDeps,
  receiveHello,
  receiveResult,
} from './gather/index.ts';
import type { Logger } from './log/index.ts';
import { newRequestId } from './requests/index.ts';
import { committedSigner, orderSigner } from './signing/index.ts';
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

/** How many results are verified and committed at a time: enough that both work and groups of them form. */
const RESULTS_AT_ONCE = 256;

/** Starts a controller: trust, store, broker, operator API, in this order. Throws where one of them cannot be had. */
export async function runController(
  config: ControllerConfig,
  log: Logger,
  clock: Clock,
): Promise<RunningController> {
  const bundle = readTrustBundle(config.trustFile);
  const trust = trustSource(bundle, clock);
  trust.current();
  const key = readKeyFile(config.keyFile);
  const signer = orderSigner(config.name, key, bundle, clock);
  const store = openStore(config.storeFile, clock);
  const witness = checkpointWitness({ ...store, trust, log });
  const { name, checkpointFile: file, checkpointEveryMs: everyMs } = config;
  const maker = await checkpointMaker({ ...store, witness, clock, log, name, key, file, everyMs });
  const bus = connectBroker(config, log);
  const counters = createCounters();
  const { hostSilenceMs } = config;
  const signCommitted = committedSigner(config.name, key, clock);
  const commitResult = groupCommit({ outcomes: store.outcomes, signCommitted });
  const parts = {
    ...{ ...store, commitResult, bus, counters, trust, signer, clock, log, hostSilenceMs, witness },
    newId: newRequestId,
    newestCheckpoint: maker.newest,
  };

  listenToFleet(parts);
  const ticker = startTicker(TICK_MS, async () => {
    await moveOn(parts);
    await maker
      .makeIfDue()
      .catch(err => log.error({ err }, 'no checkpoint could be made; it is tried again'));
  });
  bus.onConnected(ticker.wake);
  const advance = async (requestId: string): Promise<void> => {
    await advanceRequest(parts, requestId);
    ticker.wake();
  };
  const api = await startApi({
    listen: config.listen,
    authenticate: authenticator(trust, clock),
    handlers: operatorHandlers({ ...parts, advance }),
    log,
  });
  log.info({ listen: api.address, name: config.name, trustVersion: bundle.version }, 'controller ready');
  return {
    address: api.address,
    async close() {
      await api.close();
      await ticker.stop();
      await bus.close();
      await maker.make().catch(err => log.error({ err }, 'no last checkpoint could be made'));
      await store.close();
      log.info({ messages: counters.all() }, 'controller stopped');
    },
  };
}

function connectBroker({ name, nats }: ControllerConfig, log: Logger): Bus {
  const { servers, user, passwordFile, credentialsFile } = nats;
  const options = {
    servers,
    name: `farcall-controller ${name}`,
    ...(user === undefined ? {} : { user }),
    ...(passwordFile === undefined ? {} : { password: readSecretFile(passwordFile) }),
    ...(credentialsFile === undefined ? {} : { credentials: readSecretFile(credentialsFile) }),
  };
  return connectBus(options, log);
}

function listenToFleet(parts: HostListening & HelloDeps & ResultDeps & AnswerDeps): void {
  listenToHosts(parts, 'hello', message => receiveHello(parts, message));
  listenToHosts(parts, 'result', message => receiveResult(parts, message), RESULTS_AT_ONCE);
  listenToHosts(parts, 'orders', message => answerOrdersQuery(parts, message));
}

/** Everything that time or an event made possible. A failure is logged, and the next tick tries again. */
async function moveOn(parts: ExpireDeps & AdvanceDeps & PublishDeps & PublishAbortsDeps): Promise<void> {
  for (const step of [publishAborts, expireOverdue, advanceAll, publishOrders] as const) {
    try {
      await step(parts);
    } catch (err) {
      parts.log.warn({ step: step.name, err }, 'step failed; it is tried again');
    }
  }
}
