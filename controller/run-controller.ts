import { readFileSync } from 'node:fs';
import type { Clock } from '../shared/clock/index.ts';
import { FarcallError } from '../shared/errors/index.ts';
import { readKeyFile } from '../shared/tokens/index.ts';
import { readTrustBundle } from '../shared/trust/index.ts';
import { requestAdvancer } from './advance-request.ts';
import { authenticator, operatorHandlers, startApi } from './api/index.ts';
import { connectBus, createCounters, listenToHosts, type NatsOptions } from './bus/index.ts';
import type { ControllerConfig } from './config/index.ts';
import { answerOrdersQuery } from './dispatch/index.ts';
import { expireOverdue, receiveHello, receiveResult } from './gather/index.ts';
import type { Logger } from './log/index.ts';
import { newRequestId } from './requests/index.ts';
import { orderSigner } from './signing/index.ts';
import { openStore } from './store/index.ts';
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
  const natsOptions = readNatsOptions(config);
  const store = openStore(config.storeFile, clock);
  const bus = connectBus(natsOptions, log);
  const counters = createCounters();
  const { hostSilenceMs } = config;
  const deps = { ...store, bus, counters, trust, signer, clock, log, hostSilenceMs, newId: newRequestId };

  const { advance, advanceAll } = requestAdvancer(deps);
  const tick = async (): Promise<void> => {
    await expireOverdue(deps);
    await advanceAll();
  };
  listenToHosts(deps, 'hello', message => receiveHello(deps, message));
  listenToHosts(deps, 'result', message => receiveResult(deps, message));
  listenToHosts(deps, 'orders', message => answerOrdersQuery(deps, message));
  bus.onConnected(() => void guarded(log, advanceAll));

  const handlers = operatorHandlers({ ...deps, advance });
  const authenticate = authenticator(trust, clock);
  const api = await startApi({ listen: config.listen, authenticate, handlers, log });
  const stopTicking = every(TICK_MS, () => guarded(log, tick));
  log.info({ listen: api.address, name: config.name, trustVersion: bundle.version }, 'controller ready');
  return {
    address: api.address,
    async close() {
      await stopTicking();
      await api.close();
      await bus.close();
      await store.close();
      log.info({ messages: counters.all() }, 'controller stopped');
    },
  };
}

function readNatsOptions({ name, nats }: ControllerConfig): NatsOptions {
  return {
    servers: nats.servers,
    name: `farcall-controller ${name}`,
    ...(nats.user === undefined ? {} : { user: nats.user }),
    ...(nats.passwordFile === undefined ? {} : { password: readSecret(nats.passwordFile) }),
    ...(nats.credentialsFile === undefined ? {} : { credentials: readSecret(nats.credentialsFile) }),
  };
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new FarcallError('FILE_UNREADABLE', `the secret file ${path} cannot be read`, { cause });
  }
}

/** Nobody waits for what runs here: a failure is logged, and the next tick tries again. */
async function guarded(log: Logger, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (err) {
    log.error({ err }, 'background work failed; it is tried again');
  }
}

/** Calls `work` now and then again and again, never twice at once; the answer stops that and waits for the last. */
function every(intervalMs: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  const start = (): void => {
    running ??= work().finally(() => {
      running = undefined;
    });
  };
  start();
  const timer = setInterval(start, intervalMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
