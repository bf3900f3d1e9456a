import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect, credsAuthenticator, Events, type NatsConnection } from 'nats';
import { FarcallError } from '../../shared/errors/index.ts';
import type { BrokerTls } from '../../shared/tls/index.ts';
import type { Logger } from '../log/index.ts';
import { Backlog } from './backlog.ts';
import type { Bus, BusMessage, SubscribeOptions } from './bus.ts';
import { FairQueue } from './fair-queue.ts';

/** How to reach the broker. */
export interface NatsOptions {
  readonly servers: readonly string[];
  readonly name: string;
  /** Reads the NATS credentials file. It is read for each connection, so that the file can be replaced. */
  readonly credentials: (() => string) | undefined;
  readonly tls: BrokerTls | undefined;
}

const RECONNECT_WAIT_MS = 500;
const RECONNECT_JITTER_MS = 500;
const FLUSH_TIMEOUT_MS = 5000;
/** A broker that is frozen, or behind a dead link, counts as away after two unanswered pings. */
const PING_INTERVAL_MS = 5000;

interface Subscriber {
  readonly subject: string;
  readonly handle: (message: BusMessage) => Promise<void>;
  readonly options: SubscribeOptions;
}

/**
 * A bus on NATS. Returns at once and connects in the background, trying as often as it takes. So the operator
 * API works while the broker is away.
 */
export function connectBus(options: NatsOptions, log: Logger): Bus {
  const subscribers: Subscriber[] = [];
  const listeners: (() => void)[] = [];
  const stop = new AbortController();
  const consumers = new Set<Promise<void>>();
  let connection: NatsConnection | undefined;
  let sinceMs: number | undefined;
  let awayMs: number | undefined = Date.now();

  const attachTo = (nats: NatsConnection, subscriber: Subscriber): void => {
    const consumer = consume(nats, subscriber, log).finally(() => consumers.delete(consumer));
    consumers.add(consumer);
  };
  const connected = (): void => {
    sinceMs = Date.now();
    awayMs = undefined;
    for (const listener of listeners) listener();
  };
  const serve = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      connection = await firstConnection(options, log, stop.signal);
      if (!connection) return;
      for (const subscriber of subscribers) attachTo(connection, subscriber);
      const lost = (): void => {
        sinceMs = undefined;
        awayMs ??= Date.now();
      };
      reportStatus(connection, log, { connected, lost }).catch(err =>
        log.error({ err }, 'broker status ended'),
      );
      // Once this is answered, the broker knows of the subscriptions.
      await connection.flush().catch(() => undefined);
      log.info({ server: connection.getServer() }, 'broker connected');
      connected();
      const error = await connection.closed();
      lost();
      if (!stop.signal.aborted) log.error({ err: error }, 'broker connection closed: connecting again');
    }
  };
  const serving = serve();

  return {
    publish: (subject, bytes) => publish(connection, subject, bytes),
    send(subject, bytes) {
      if (!connection || connection.isClosed()) throw noConnection();
      connection.publish(subject, bytes);
    },
    subscribe(subject, handle, options = {}) {
      const subscriber = { subject, handle, options };
      subscribers.push(subscriber);
      if (connection) attachTo(connection, subscriber);
    },
    onConnected: listener => void listeners.push(listener),
    connectedSinceMs: () => sinceMs,
    awaySinceMs: () => awayMs,
    async close() {
      stop.abort();
      await connection?.close();
      await serving;
      await Promise.all(consumers);
    },
  };
}

async function firstConnection(
  options: NatsOptions,
  log: Logger,
  signal: AbortSignal,
): Promise<NatsConnection | undefined> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      const connection = await connect(connectionOptions(options));
      if (!signal.aborted) return connection;
      await connection.close();
    } catch (err) {
      log.warn({ servers: options.servers, attempt, err }, 'broker cannot be reached: trying again');
      const waitMs = RECONNECT_WAIT_MS + Math.random() * RECONNECT_JITTER_MS;
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

function connectionOptions(options: NatsOptions): ConnectionOptions {
  const { servers, name, credentials, tls } = options;
  return {
    servers: [...servers],
    name,
    ...(tls && { tls }),
    ...(credentials && {
      authenticator: nonce => credsAuthenticator(Buffer.from(`${credentials().trim()}\n`))(nonce),
    }),
    // By default nats.js gives up after ten tries, and at the second refused login.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    reconnectJitterTLS: RECONNECT_JITTER_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
  };
}

/** Messages of one sender that are handled at a time, and that may wait. */
const OF_ONE_SENDER = { atOnceOfLane: 4, waitingOfLane: 256 };

/**
 * Handles what comes for a subscriber until the subscription ends. Messages are admitted as they arrive, so
 * that what is dropped never waits in memory.
 */
async function consume(connection: NatsConnection, subscriber: Subscriber, log: Logger): Promise<void> {
  const { subject, handle, options } = subscriber;
  const { atOnce = 1, queue, slow, admit, senderOf, overflow } = options;
  const limits = senderOf ? OF_ONE_SENDER : { atOnceOfLane: atOnce, waitingOfLane: Number.POSITIVE_INFINITY };
  const backlog = new Backlog(report => slow?.(report));
  const waiting = new FairQueue<BusMessage>({
    ...{ work: handle, atOnce, ...limits },
    look: count => backlog.look(count),
  });
  const ended = Promise.withResolvers<void>();
  const subscription = connection.subscribe(subject, {
    ...(queue !== undefined && { queue }),
    callback(err, message) {
      if (err) {
        log.error({ subject, err }, 'subscription reports an error');
        return;
      }
      const received = {
        subject: message.subject,
        bytes: message.data,
        replyTo: message.reply || undefined,
      };
      if (admit && !admit(received)) return;
      // The bytes lie in what was read from the socket, which is several times as long: it is not kept.
      const kept = { ...received, bytes: received.bytes.slice() };
      if (!waiting.add(senderOf?.(kept) ?? '', kept)) overflow?.(kept);
    },
  });
  void subscription.closed.then(ended.resolve, ended.resolve);
  await ended.promise;
  await waiting.idle();
}

interface StatusEvents {
  readonly connected: () => void;
  readonly lost: () => void;
}

async function reportStatus(
  connection: NatsConnection,
  log: Logger,
  { connected, lost }: StatusEvents,
): Promise<void> {
  for await (const { type, data } of connection.status()) {
    if (type === Events.Disconnect) {
      lost();
      log.warn({ server: data }, 'broker disconnected');
    }
    if (type === Events.Error) log.error({ problem: data }, 'broker reports an error');
    if (type === Events.Reconnect) {
      log.info({ server: data }, 'broker reconnected');
      connected();
    }
  }
}

/**
 * Core NATS acknowledges nothing, but it answers a PING only after it has read everything that was sent
 * before.
 */
async function publish(
  connection: NatsConnection | undefined,
  subject: string,
  bytes: Uint8Array,
): Promise<void> {
  if (!connection || connection.isClosed()) throw noConnection();
  const timeout = new AbortController();
  const tooLong = sleep(FLUSH_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(() => {
    throw new FarcallError('UNREACHABLE', 'the broker did not take the message in time');
  });
  try {
    connection.publish(subject, bytes);
    await Promise.race([connection.flush(), tooLong]);
  } catch (cause) {
    if (cause instanceof FarcallError) throw cause;
    throw new FarcallError('UNREACHABLE', 'the broker did not take the message', { cause });
  } finally {
    timeout.abort();
    tooLong.catch(() => undefined);
  }
}

function noConnection(): FarcallError {
  return new FarcallError('UNREACHABLE', 'there is no connection to the broker');
}
