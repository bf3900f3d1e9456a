import { setTimeout as delay } from 'node:timers/promises';
import {
  type Authenticator,
  connect,
  Events,
  type NatsConnection,
  nkeyAuthenticator,
  type Subscription,
} from 'nats';
import type { Logger } from 'pino';
import { spreadMs } from '../../shared/backoff/index.ts';
import { FarcallError, toFarcallError } from '../../shared/errors/index.ts';
import {
  ABORTS_SUBJECT,
  FRESHNESS_SUBJECT,
  type HostTopic,
  hostSubject,
  inboxPrefix,
  ORDERS_SUBJECT,
  TRUST_SUBJECT,
  toHostSubject,
} from '../../shared/subjects/index.ts';
import type { BrokerTls } from '../../shared/tls/index.ts';
import type { BusEvents, ConnectableBus } from './bus.ts';
import { signNonce } from './sign-nonce.ts';

/** How this host proves to the broker who it is. Functions read the files again for each connection. */
export interface BusCredentials {
  /** Seed of this host's nkey. */
  readonly seed: () => Uint8Array;
  /** The NATS user JWT for that nkey; undefined if the broker knows the nkey itself. */
  readonly jwt: (() => string) | undefined;
}

/** Where and how to connect. */
export interface NatsBusOptions {
  readonly servers: readonly string[];
  readonly host: string;
  readonly credentials: BusCredentials | undefined;
  /** Undefined for a plain connection on loopback. */
  readonly tls: BrokerTls | undefined;
  readonly log: Logger;
  readonly random: () => number;
}

/**
 * The window within which hosts reconnect after a loss, and the limit to which it grows while they fail: a
 * fleet that is too large for its broker to shake hands with in five seconds must spread over minutes, or all
 * hosts time out again and again.
 */
const RECONNECT = { firstMs: 4000, mostMs: 256_000 };

/** How often an idle connection is pinged. After two pings without an answer it is given up. */
const PING = { pingInterval: 30_000, maxPingOut: 2 };

/**
 * The bus over NATS; the only file of the agent that imports the nats library.
 *
 * The library makes one connection at a time, and this file makes the next one. The library's own
 * reconnection (2.29) tries at the moment of the loss, with the whole fleet at once, then in steps that do
 * not grow; it gives up after ten tries, or after two refused log-ins. Nothing is lost between two
 * connections: the agent sends each message again until it is answered.
 */
export function natsBus(options: NatsBusOptions): ConnectableBus {
  return new NatsBus(options);
}

class NatsBus implements ConnectableBus {
  readonly #options: NatsBusOptions;
  #connection: NatsConnection | undefined;
  /** The subscriptions to orders, aborts, plans, types and labels. */
  #orders: Subscription[] = [];
  readonly #stop = new AbortController();
  #takesOrders = true;

  constructor(options: NatsBusOptions) {
    this.#options = options;
  }

  connect(events: BusEvents): void {
    void this.#keepConnected(events);
  }

  publish(topic: HostTopic, bytes: Uint8Array): void {
    this.#connection?.publish(hostSubject(this.#options.host, topic), bytes);
  }

  async request(topic: HostTopic, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const connection = this.#connection;
    if (!connection) throw new FarcallError('UNREACHABLE', 'there is no connection to the broker');
    try {
      const subject = hostSubject(this.#options.host, topic);
      const reply = await connection.request(subject, bytes, { timeout: timeoutMs });
      return reply.data;
    } catch (cause) {
      throw toFarcallError(cause, 'UNREACHABLE');
    }
  }

  stopOrders(): void {
    this.#takesOrders = false;
    for (const subscription of this.#orders) subscription.unsubscribe();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    const connection = this.#connection;
    this.#connection = undefined;
    // A lost connection cannot be drained, and has nothing left to send.
    await connection?.drain().catch(() => connection.close());
  }

  isConnected(): boolean {
    return this.#connection !== undefined;
  }

  async #keepConnected(events: BusEvents): Promise<void> {
    const { log, random } = this.#options;
    for (let failures = 1; !this.#stop.signal.aborted; failures++) {
      try {
        await this.#connectOnce(events, () => {
          failures = 0;
        });
      } catch (error) {
        log.warn({ err: error, failures }, 'the agent cannot connect to the broker');
      }
      const pauseMs = spreadMs(Math.max(failures, 1), RECONNECT, random);
      await delay(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** Connects, and returns when that connection is lost. */
  async #connectOnce(events: BusEvents, established: () => void): Promise<void> {
    const { log, servers, host } = this.#options;
    log.info({ servers }, 'the agent connects to the broker');
    const connection = await connect(this.#connectOptions());
    established();
    if (this.#stop.signal.aborted) return connection.close();
    this.#connection = connection;
    this.#subscribe(connection, TRUST_SUBJECT, bytes => events.trust(bytes));
    this.#subscribe(connection, FRESHNESS_SUBJECT, bytes => events.statement(bytes));
    if (this.#takesOrders)
      this.#orders = [
        this.#subscribe(connection, ABORTS_SUBJECT, bytes => events.abort(bytes)),
        this.#subscribe(connection, ORDERS_SUBJECT, bytes => events.order(bytes)),
        this.#subscribe(connection, toHostSubject(host, 'plan'), bytes => events.plan(bytes)),
        this.#subscribe(connection, toHostSubject(host, 'types'), bytes => events.types(bytes)),
        this.#subscribe(connection, toHostSubject(host, 'labels'), bytes => events.labels(bytes)),
      ];
    void this.#watch(connection);
    log.info({ server: connection.getServer() }, 'the agent is connected to the broker');
    events.connected();
    const reason = await connection.closed();
    this.#connection = undefined;
    if (!this.#stop.signal.aborted) log.warn({ err: reason }, 'the agent lost its connection to the broker');
  }

  #connectOptions(): Parameters<typeof connect>[0] {
    const { servers, host, credentials, tls } = this.#options;
    return {
      servers: [...servers],
      name: `farcall-agent ${host}`,
      inboxPrefix: inboxPrefix(host),
      reconnect: false,
      // Otherwise each request would create an error with a stack in advance, in case it fails.
      noAsyncTraces: true,
      ...PING,
      ...(tls && { tls }),
      ...(credentials && { authenticator: authenticatorOf(credentials) }),
    };
  }

  #subscribe(connection: NatsConnection, subject: string, take: (bytes: Uint8Array) => void): Subscription {
    return connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) this.#options.log.error({ subject, err: error }, 'a subscription failed');
        else take(message.data);
      },
    });
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type, data } of connection.status()) {
      if (type === Events.Error) this.#options.log.error({ reason: data }, 'the broker reports an error');
    }
  }
}

function authenticatorOf({ seed, jwt }: BusCredentials): Authenticator {
  if (!jwt) return nonce => nkeyAuthenticator(seed())(nonce);
  return nonce => ({ jwt: jwt(), ...(nonce !== undefined && { sig: signNonce(seed(), nonce) }) });
}
