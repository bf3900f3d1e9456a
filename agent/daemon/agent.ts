import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerTls } from '../../shared/tls/index.ts';
import type { Keyring } from '../../shared/tokens/index.ts';
import { checkFresh, keyringOf } from '../../shared/trust/index.ts';
import { agentVersion } from '../../shared/version/index.ts';
import {
  type Bus,
  type BusCredentials,
  ConnectJitter,
  CredentialRenewer,
  connectNatsBus,
  credentialFile,
  Heartbeat,
  Hello,
  MissedOrders,
  OrderQueue,
  ResultSender,
} from '../bus/index.ts';
import { LatestCheckpoints } from '../checkpoint/index.ts';
import type { AgentConfig } from '../config/index.ts';
import { currentTrust } from '../context/index.ts';
import type { StateLock } from '../journal/index.ts';
import { typesQueries } from '../kernel-types/index.ts';
import { planQueries } from '../plan/index.ts';
import { type QueryQueue, queryQueue } from '../queries/index.ts';
import { receiveAbort, runOrder } from '../run-order/index.ts';
import { namedTrustVersion, TrustFetcher } from '../trust/index.ts';
import type { AgentContext } from './open-context.ts';

/** How long a stop tries to deliver what has just ended, in milliseconds. What is left is sent after the next start. */
const STOP_DELIVERY_MS = 2000;

/** What an agent is put together from. */
export interface AgentParts {
  readonly config: AgentConfig;
  readonly context: AgentContext;
  readonly credentials: BusCredentials | undefined;
  readonly tls: BrokerTls | undefined;
  readonly random: () => number;
  readonly lock: StateLock;
}

/** Ties the bus to the life of an order: what comes in is queued and run, what has ended is sent. */
export class Agent {
  readonly #parts: AgentParts;
  readonly #bus: Bus;
  readonly #results: ResultSender;
  readonly #missed: MissedOrders;
  readonly #hello: Hello;
  readonly #trust: TrustFetcher;
  readonly #credential: CredentialRenewer | undefined;
  readonly #queue: OrderQueue;
  readonly #checkpoints: LatestCheckpoints;
  readonly #plans: QueryQueue;
  readonly #types: QueryQueue;
  readonly #arrival: ConnectJitter;
  readonly #heartbeat: Heartbeat;
  #stopped: Promise<void> | undefined;

  /** Starts connecting. */
  constructor(parts: AgentParts) {
    this.#parts = parts;
    const { config, context, credentials, random } = parts;
    const { host, nats, askJitterMs: jitterMs } = config;
    const { log, clock, journal, identity, stages, counters } = context;
    const take = (envelopeBytes: Uint8Array): void => this.#take(envelopeBytes);
    this.#queue = new OrderQueue({ run: bytes => this.#run(bytes), roomAgain: () => this.#missed.ask() });
    this.#bus = connectNatsBus(
      { servers: nats.servers, host, credentials, tls: parts.tls, log, random },
      {
        connected: () => this.#connected(),
        order: take,
        abort: bytes => void receiveAbort(bytes, context),
        trust: bytes => void this.#trust.take(bytes),
        plan: bytes => this.#plans.take(bytes),
        types: bytes => this.#types.take(bytes),
      },
    );
    const bus = this.#bus;
    const catchUp = (): Promise<void> => this.#trust.catchUp();
    this.#plans = queryQueue(planQueries(context), { bus, context, catchUp });
    this.#types = queryQueue(typesQueries(context), { bus, context, catchUp });
    const sayHello = (): void => this.#say(() => this.#hello.say());
    const { stateDirectory } = config;
    const bundle = () => context.trust.now().bundle;
    const keeper = new LatestCheckpoints({
      ...{ stateDirectory, bundle, clock, log, random, jitterMs },
      contradicted: sayHello,
    });
    this.#checkpoints = keeper;
    const checkpoint = (token: string | undefined): void => keeper.offer(token);
    const carriedOut = async (): Promise<void> => {
      await this.#queue.idle();
      await this.#results.idle();
    };
    this.#results = new ResultSender({
      ...{ bus, journal, identity, clock, log, random, checkpoint },
      controllers: () => controllersNow(context),
      unwanted: sayHello,
    });
    this.#missed = new MissedOrders({
      ...{ bus, host, take, carriedOut, log, random, jitterMs, checkpoint },
      receiveAbort: bytes => receiveAbort(bytes, context),
      controllerIsBack: sayHello,
    });
    this.#trust = new TrustFetcher({ bus, host, keeper: context.trust, log, random, jitterMs });
    // Orders that named a bundle which this host did not have are open at the controller.
    context.trust.onChanged(() => this.#missed.ask());
    this.#credential = credentialKeeper(parts, bus);
    const facts = () => stages.facts();
    this.#hello = new Hello({
      ...{ bus, identity, agentVersion: agentVersion(), facts, clock },
      checkpoint: () => keeper.newest(),
    });
    const arrive = (): void => {
      sayHello();
      this.#results.retryAll();
      this.#missed.ask(0);
    };
    this.#arrival = new ConnectJitter({ arrive, random, jitterMs });
    this.#heartbeat = new Heartbeat({
      ...{ bus, identity, clock, counters, log },
      health: () => stages.health(),
      waitingResults: () => journal.pending().length,
    });
  }

  /** Whether the broker can be reached. */
  isConnected(): boolean {
    return this.#bus.isConnected();
  }

  /** Sends results that the journal has and the controller has not. */
  sendResults(): void {
    this.#results.wake();
  }

  /** Asks a controller to sign a module. Throws UNREACHABLE where none answers. */
  askToSign(envelope: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return this.#bus.request('sign', envelope, timeoutMs);
  }

  /** See `RunningAgent`. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const { config, context, lock } = this.#parts;
    this.#bus.stopOrders();
    this.#arrival.stop();
    this.#heartbeat.stop();
    this.#missed.stop();
    this.#plans.stop();
    this.#types.stop();
    this.#trust.stop();
    this.#credential?.stop();
    const inTime = await within(config.stopGraceMs, this.#queue.stop());
    if (!inTime)
      context.log.warn('a call is still running; its outcome will be unknown after the next start');
    await within(STOP_DELIVERY_MS, this.#results.idle());
    await within(STOP_DELIVERY_MS, this.#results.stop());
    await within(STOP_DELIVERY_MS, this.#bus.close());
    context.log.info({ counts: context.counters.all() }, 'the agent stops');
    await this.#checkpoints.takeOffered();
    context.journal.close();
    lock.release();
  }

  #connected(): void {
    this.#parts.context.counters.count('broker.connected');
    this.#arrival.connected();
    this.#trust.ask();
    this.#credential?.connected();
  }

  #take(envelopeBytes: Uint8Array): void {
    const { counters, log } = this.#parts.context;
    if (this.#queue.push(envelopeBytes)) return;
    if (counters.countAndSample('order.turned-away')) log.warn('too many orders wait: one is turned away');
  }

  async #run(envelopeBytes: Uint8Array): Promise<void> {
    try {
      await this.#trust.catchUp(namedTrustVersion(envelopeBytes));
      await runOrder(envelopeBytes, this.#parts.context);
    } catch (error) {
      this.#parts.context.log.error({ err: error }, 'an order ended in a mistake of farcall');
    }
    this.#say(() => this.#hello.sayIfChanged());
  }

  #say(hello: () => Promise<void>): void {
    hello().catch(error => {
      this.#parts.context.log.error({ err: error }, 'the facts of this host could not be told');
    });
  }
}

/** Whose word a host takes that a result may be dropped. Throws where no bundle holds now: results are kept then. */
function controllersNow(context: AgentContext): Keyring {
  const { bundle, bundleIsOver, nowMs } = currentTrust(context);
  checkFresh(bundle, bundleIsOver ? Math.max(nowMs, bundle.expiresAtMs) : nowMs);
  return keyringOf(bundle.controllers);
}

/** What renews the credential for the broker; undefined where this host has none. */
function credentialKeeper({ config, context, random }: AgentParts, bus: Bus): CredentialRenewer | undefined {
  const { host, nats } = config;
  if (nats.credentialFile === undefined) return undefined;
  const { clock, log } = context;
  return new CredentialRenewer({ bus, host, file: credentialFile(nats.credentialFile), clock, log, random });
}

/** Whether `work` ends within so many milliseconds. */
async function within(limitMs: number, work: Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  const late = delay(limitMs, false, { signal: stop.signal }).catch(() => false);
  const done = await Promise.race([work.then(() => true), late]);
  stop.abort();
  return done;
}
