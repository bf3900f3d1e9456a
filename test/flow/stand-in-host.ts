import { connect, type NatsConnection } from 'nats';
import {
  type CallResult,
  callRequestCodec,
  callResultCodec,
  hostFactsCodec,
  hostHelloCodec,
  type OrderEnvelope,
  orderEnvelopeCodec,
  ordersQueryCodec,
  ordersReplyCodec,
  PROTOCOL_VERSION,
  resultCommittedCodec,
  resultEnvelopeCodec,
} from '../../shared/messages/index.ts';
import { hostSubject, inboxPrefix, ORDERS_SUBJECT } from '../../shared/subjects/index.ts';
import {
  digestText,
  newSigningKey,
  type SigningKey,
  sha256,
  signToken,
  splitCanonicalToken,
} from '../../shared/tokens/index.ts';

/** What the controller answered to a result. */
export interface Committed {
  readonly committed: boolean;
  readonly reason: string;
}

/** What a stand-in host is. */
export interface StandInOptions {
  readonly name: string;
  readonly url: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly key?: SigningKey;
}

/**
 * A host of the tests: it speaks the wire protocol and signs what it says, and does nothing by itself. It verifies
 * nothing, so the tests can have it do what a broken or hostile agent would.
 */
export interface StandInHost {
  readonly name: string;
  readonly key: SigningKey;
  readonly connection: NatsConnection;
  /** Orders that were pushed to it so far. */
  readonly orders: readonly OrderEnvelope[];
  /** Says hello; resolves when the broker has it. */
  hello(overrides?: { readonly kernelRelease?: string; readonly publicKey?: string }): Promise<void>;
  /** Resolves with the next order that was not taken yet. */
  nextOrder(): Promise<OrderEnvelope>;
  /** Asks for the orders that it missed. */
  queryOrders(): Promise<readonly OrderEnvelope[]>;
  /** Sends a signed result for an order and awaits the controller's word. */
  answer(order: OrderEnvelope, result?: Partial<CallResult>): Promise<Committed>;
  /** Makes the envelope of a result without sending it. */
  seal(order: OrderEnvelope, result?: Partial<CallResult>): Promise<Uint8Array>;
  /** Sends bytes on its own result subject and awaits the controller's word. */
  send(envelope: Uint8Array): Promise<Committed>;
  close(): Promise<void>;
}

const REPLY_LIMIT_MS = 10_000;

/** Connects a stand-in host; it does not say hello by itself. */
export async function standInHost(options: StandInOptions): Promise<StandInHost> {
  const { name, url } = options;
  const key = options.key ?? newSigningKey();
  const connection = await connect({
    servers: url,
    inboxPrefix: inboxPrefix(name),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  const orders: OrderEnvelope[] = [];
  const subscription = connection.subscribe(ORDERS_SUBJECT);
  const incoming = subscription[Symbol.asyncIterator]();
  await connection.flush();
  const ask = async (topic: 'result' | 'orders', bytes: Uint8Array): Promise<Uint8Array> =>
    (await connection.request(hostSubject(name, topic), bytes, { timeout: REPLY_LIMIT_MS })).data;
  const sign = (what: 'result' | 'facts', bytes: Uint8Array) => signStatement(name, key, what, bytes);

  const host: StandInHost = {
    name,
    key,
    connection,
    orders,
    async hello(overrides = {}) {
      const facts = factsOf(options, key, overrides);
      const hello = hostHelloCodec.encode({ facts, signature: await sign('facts', facts) });
      connection.publish(hostSubject(name, 'hello'), hello);
      await connection.flush();
    },
    async nextOrder() {
      const { value } = await incoming.next();
      const order = orderEnvelopeCodec.decode(value.data);
      orders.push(order);
      return order;
    },
    async queryOrders() {
      return ordersReplyCodec.decode(await ask('orders', ordersQueryCodec.encode({ host: name }))).orders;
    },
    answer: async (order, result) => host.send(await host.seal(order, result)),
    async seal(order, result = {}) {
      const bytes = callResultCodec.encode({ ...resultFor(name, order), ...result });
      return resultEnvelopeCodec.encode({ result: bytes, signature: await sign('result', bytes) });
    },
    send: async envelope => resultCommittedCodec.decode(await ask('result', envelope)),
    close: () => connection.close(),
  };
  return host;
}

/** A host's token over `bytes`. */
export function signStatement(
  host: string,
  key: SigningKey,
  what: 'result' | 'facts',
  bytes: Uint8Array,
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  return signToken(
    'result',
    { iss: host, iat, exp: iat + 3600, what, sha256: digestText(sha256(bytes)) },
    key,
  );
}

function factsOf(
  { name, labels = {} }: StandInOptions,
  key: SigningKey,
  overrides: { readonly kernelRelease?: string; readonly publicKey?: string },
): Uint8Array {
  return hostFactsCodec.encode({
    protocol: PROTOCOL_VERSION,
    host: name,
    labels: { ...labels },
    agentVersion: '0.0.0-test',
    kernelRelease: '6.12.48+deb13-amd64',
    arch: 'x86_64',
    vermagic: '6.12.48+deb13-amd64 SMP preempt mod_unload modversions ',
    modulesDisabled: false,
    sigEnforce: false,
    lockdown: 'none',
    taint: 0,
    publicKey: JSON.stringify(key.publicJwk),
    bootId: '5f0c1f3e-0000-4000-8000-000000000000',
    observedAtMs: Date.now(),
    ...overrides,
  });
}

/** The result of a call that returned 17. */
function resultFor(host: string, order: OrderEnvelope): CallResult {
  const request = callRequestCodec.decode(order.request);
  return {
    protocol: PROTOCOL_VERSION,
    host,
    requestDigest: sha256(order.request),
    attempt: 1,
    orderId: String(splitCanonicalToken(order.order).payload['jti']),
    outcome: 'returned',
    value: { type: 'int', text: '(int)17', kind: 'int', integer: '17' },
    kernelLog: [`farcall: ran ${request.program.length} bytes`],
    timings: { verifyUs: 400, compileUs: 2600, spawnUs: 900, loadUs: 8200, totalUs: 12_300 },
    finishedAtMs: 1_790_000_000_000,
    kernelRelease: '6.12.48+deb13-amd64',
  };
}
