import type { NatsConnection } from 'nats';
import { onTestFinished } from 'vitest';
import {
  type CallResult,
  callResultCodec,
  type HostFacts,
  hostFactsCodec,
  hostHelloCodec,
  orderEnvelopeCodec,
  ordersReplyCodec,
  resultCommittedCodec,
  resultEnvelopeCodec,
} from '../../../shared/messages/index.ts';
import { allHostsSubject, hostOfSubject, ORDERS_SUBJECT } from '../../../shared/subjects/index.ts';
import {
  digestText,
  type Keyring,
  keyId,
  type PublicJwk,
  publicJwkSchema,
  publicKeyOf,
  sha256,
  verifyToken,
} from '../../../shared/tokens/index.ts';
import type { NatsServer } from '../nats-server.ts';

/** The other end of the bus for the agent's tests: real messages and real signatures, no store and no rollout. */
export interface StandInController {
  readonly hellos: HostFacts[];
  /** Results whose signature holds, as they came; repeats too. */
  readonly results: CallResult[];
  /** Questions about open orders so far. */
  readonly questions: { count: number };
  /** What is answered to them, without those that have a result already. */
  openOrders: Uint8Array[];
  /** Most orders in one answer. */
  replyLimit: number;
  /** How a result is answered: committed, refused, or not at all. */
  answer: 'commit' | 'reject' | 'silence';
  publish(envelope: Uint8Array): Promise<void>;
}

/** A controller on the server `nats`, until the test has ended. */
export async function startStandInController(nats: NatsServer): Promise<StandInController> {
  const connection = await nats.connect(await nats.ownerLogin());
  onTestFinished(() => connection.close());
  const controller: StandInController = {
    hellos: [],
    results: [],
    questions: { count: 0 },
    openOrders: [],
    replyLimit: 256,
    answer: 'commit',
    async publish(envelope) {
      connection.publish(ORDERS_SUBJECT, envelope);
      await connection.flush();
    },
  };
  const keyrings = new Map<string, Keyring>();
  void hear(connection, 'hello', async (bytes, host) => {
    const { facts, signature } = hostHelloCodec.decode(bytes);
    const decoded = hostFactsCodec.decode(facts);
    const jwk = publicJwkSchema.parse(JSON.parse(decoded.publicKey));
    const keyring = ringOf(host, jwk);
    keyrings.set(host, keyring);
    const { claims } = await verifyToken('result', signature, { keyring, nowMs: Date.now() });
    if (claims.what === 'facts' && claims.sha256 === digestText(sha256(facts)))
      controller.hellos.push(decoded);
    return undefined;
  });
  void hear(connection, 'orders', async () => {
    controller.questions.count++;
    const answered = new Set(controller.results.map(({ requestDigest }) => digestText(requestDigest)));
    const open = controller.openOrders
      .map(orderEnvelopeCodec.decode)
      .filter(({ request }) => !answered.has(digestText(sha256(request))));
    return ordersReplyCodec.encode({ orders: open.slice(0, controller.replyLimit) });
  });
  void hear(connection, 'result', async (bytes, host) => {
    const { result, signature } = resultEnvelopeCodec.decode(bytes);
    const keyring = keyrings.get(host);
    if (!keyring) return undefined;
    const { claims } = await verifyToken('result', signature, { keyring, nowMs: Date.now() });
    if (claims.what !== 'result' || claims.sha256 !== digestText(sha256(result))) return undefined;
    controller.results.push(callResultCodec.decode(result));
    if (controller.answer === 'silence') return undefined;
    const committed = controller.answer === 'commit';
    return resultCommittedCodec.encode({
      resultDigest: sha256(result),
      committed,
      reason: committed ? '' : 'not wanted',
    });
  });
  await connection.flush();
  return controller;
}

function ringOf(host: string, jwk: PublicJwk): Keyring {
  return new Map([[keyId(jwk), { owner: host, key: publicKeyOf(jwk) }]]);
}

async function hear(
  connection: NatsConnection,
  topic: 'hello' | 'orders' | 'result',
  reply: (bytes: Uint8Array, host: string) => Promise<Uint8Array | undefined>,
): Promise<void> {
  for await (const message of connection.subscribe(allHostsSubject(topic))) {
    const answer = await reply(new Uint8Array(message.data), hostOfSubject(message.subject));
    if (answer) message.respond(answer);
  }
}
