import type { NatsConnection } from 'nats';
import { FarcallError } from '../../../shared/errors/index.ts';
import {
  type AbortedProgress,
  type CallResult,
  callRequestCodec,
  callResultCodec,
  type HostFacts,
  type OrderEnvelope,
  orderEnvelopeCodec,
  ordersReplyCodec,
  planEnvelopeCodec,
  resultCommittedCodec,
  resultEnvelopeCodec,
} from '../../../shared/messages/index.ts';
import { hostSubject, inboxPrefix, ORDERS_SUBJECT, toHostSubject } from '../../../shared/subjects/index.ts';
import { type SigningKey, sha256 } from '../../../shared/tokens/index.ts';
import type { HostIdentity } from '../cast.ts';
import {
  abortStatementOf,
  helloOf,
  ordersQueryOf,
  planOf,
  resultFor,
  signStatement,
} from '../host-statements.ts';
import type { BrokerLogin, NatsServer } from './nats-server.ts';

/** What the controller answered to a result. */
export interface Committed {
  readonly committed: boolean;
  readonly reason: string;
}

/** What a stand-in host is. */
export interface StandInOptions {
  readonly name: string;
  readonly nats: NatsServer;
  readonly labels?: Readonly<Record<string, string>>;
  readonly key: SigningKey;
  /** The site for which it signs. */
  readonly site: string;
  readonly login: BrokerLogin;
}

/**
 * A host of the tests: it speaks the wire protocol and signs what it says, and does nothing by itself. It
 * verifies nothing, so the tests can have it do what a broken or hostile agent would. Queries for plans it
 * answers.
 */
export interface StandInHost {
  readonly name: string;
  readonly key: SigningKey;
  readonly site: string;
  readonly login: BrokerLogin;
  readonly connection: NatsConnection;
  /** Says hello; resolves when the broker has it. */
  hello(overrides?: Partial<HostFacts>): Promise<void>;
  /**
   * Resolves with the next order that was not taken yet; passes over what is none, and over orders of other
   * requests than `requestId`. Controllers send open orders again, so an earlier one may come at any time.
   */
  nextOrder(requestId?: string): Promise<OrderEnvelope>;
  /** Asks for the orders that it missed. */
  queryOrders(): Promise<readonly OrderEnvelope[]>;
  /** Sends a signed result for an order and awaits the controller's word. */
  answer(order: OrderEnvelope, result?: Partial<CallResult>): Promise<Committed>;
  /** Makes the envelope of a result without sending it. */
  seal(order: OrderEnvelope, result?: Partial<CallResult>): Promise<Uint8Array>;
  /** Sends bytes on its own result subject and awaits the controller's word. */
  send(envelope: Uint8Array): Promise<Committed>;
  /** Says to the controllers that it obeys the abort of a request. */
  obey(requestBytes: Uint8Array, progress: AbortedProgress): Promise<void>;
  close(): Promise<void>;
}

const REPLY_LIMIT_MS = 10_000;

/** Connects a stand-in host; it does not say hello by itself. */
export async function standInHost(options: StandInOptions): Promise<StandInHost> {
  const { name, nats, labels = {}, key, site, login } = options;
  const identity = { name, key, site, labels };
  const connection = await nats.connect(login, { inboxPrefix: inboxPrefix(name) });
  const subscription = connection.subscribe(ORDERS_SUBJECT);
  const incoming = subscription[Symbol.asyncIterator]();
  void answerPlans(connection, identity);
  await connection.flush();
  const ask = async (topic: 'result' | 'orders', bytes: Uint8Array): Promise<Uint8Array> =>
    (await connection.request(hostSubject(name, topic), bytes, { timeout: REPLY_LIMIT_MS })).data;

  const host: StandInHost = {
    name,
    key,
    site,
    login,
    connection,
    async hello(overrides = {}) {
      connection.publish(hostSubject(name, 'hello'), await helloOf(identity, Date.now(), overrides));
      await connection.flush();
    },
    async nextOrder(requestId) {
      for (;;) {
        const { value } = await incoming.next();
        try {
          const order = orderEnvelopeCodec.decode(value.data);
          if (requestId === undefined || callRequestCodec.decode(order.request).id === requestId)
            return order;
        } catch (error) {
          if (!(error instanceof FarcallError)) throw error;
        }
      }
    },
    async obey(requestBytes, progress) {
      const requestDigest = sha256(requestBytes);
      const bytes = await abortStatementOf(identity, Date.now(), { requestDigest, progress });
      connection.publish(hostSubject(name, 'abort'), bytes);
    },
    async queryOrders() {
      return ordersReplyCodec.decode(await ask('orders', await ordersQueryOf(identity, Date.now()))).orders;
    },
    answer: async (order, result) => host.send(await host.seal(order, result)),
    async seal(order, result = {}) {
      const bytes = callResultCodec.encode(resultFor(name, order, result));
      const signature = await signStatement(identity, { what: 'result', bytes, nowMs: Date.now() });
      return resultEnvelopeCodec.encode({ result: bytes, signature });
    },
    send: async envelope => resultCommittedCodec.decode(await ask('result', envelope)),
    close: () => connection.close(),
  };
  return host;
}

/** Says to each query for a plan that the program would be loaded. */
async function answerPlans(connection: NatsConnection, identity: HostIdentity): Promise<void> {
  for await (const { data } of connection.subscribe(toHostSubject(identity.name, 'plan'))) {
    const { query } = planEnvelopeCodec.decode(data);
    connection.publish(hostSubject(identity.name, 'plan'), await planOf(identity, query, Date.now()));
  }
}
