import type { NatsConnection } from 'nats';
import { onTestFinished } from 'vitest';
import {
  abortEnvelopeCodec,
  type CallResult,
  callResultCodec,
  type HostFacts,
  hostFactsCodec,
  hostHelloCodec,
  journalStatementCodec,
  orderEnvelopeCodec,
  ordersQueryCodec,
  ordersReplyCodec,
  resultCommittedCodec,
  resultEnvelopeCodec,
  type SignedBundle,
  trustQueryCodec,
  trustReplyCodec,
} from '../../../shared/messages/index.ts';
import {
  ABORTS_SUBJECT,
  allHostsSubject,
  type HostTopic,
  hostOfSubject,
  ORDERS_SUBJECT,
  TRUST_SUBJECT,
} from '../../../shared/subjects/index.ts';
import {
  digestText,
  type Keyring,
  keyId,
  type PublicJwk,
  publicJwkSchema,
  publicKeyOf,
  sha256,
} from '../../../shared/tokens/index.ts';
import { decodeTrustBundle } from '../../../shared/trust/index.ts';
import { claimsIn, KEYS, type Member, tokenOf } from '../cast.ts';
import type { NatsServer } from './nats-server.ts';

/**
 * The other end of the bus for the agent's tests: real messages and real signatures, no store and no rollout.
 */
export interface StandInController {
  readonly hellos: HostFacts[];
  /** Results whose signature holds, as they came; repeats too. */
  readonly results: CallResult[];
  /** Questions about open orders so far. */
  readonly questions: { count: number };
  /** What is answered to them, without those that have a result already. */
  openOrders: Uint8Array[];
  /** What is answered to them beside the orders. */
  openAborts: Uint8Array[];
  /** Trust bundles that are served, in ascending order of version. */
  bundles: SignedBundle[];
  /** Questions about trust bundles so far. */
  readonly trustQuestions: { count: number };
  /** Sends bytes on the subject of trust bundles. */
  announce(bytes: Uint8Array): Promise<void>;
  /** Whether the host may run orders. */
  admits: boolean;
  /** By whose key. */
  admitsBy: Member;
  /** Most orders in one answer. */
  replyLimit: number;
  /** How a result is answered: committed, refused, or not at all. */
  answer: 'commit' | 'reject' | 'silence';
  /** The signature by which a host believes that a result is committed. */
  committedToken(result: Uint8Array): Promise<string>;
  publish(envelope: Uint8Array): Promise<void>;
  publishAbort(envelope: Uint8Array): Promise<void>;
}

/** The token that admits the host of an OrdersQuery, by a controller's key. */
export async function admissionFor(
  query: Uint8Array,
  { by = 'ctl-1', nowMs = Date.now() }: { readonly by?: Member; readonly nowMs?: number } = {},
): Promise<string> {
  const { host, journal } = ordersQueryCodec.decode(query);
  const { position } = journalStatementCodec.decode(journal);
  const incarnation = Buffer.from(position.incarnation).toString('base64url');
  const iat = Math.floor(nowMs / 1000);
  return tokenOf('admission', { iss: by, iat, exp: iat + 900, host, incarnation }, KEYS[by]);
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
    openAborts: [],
    bundles: [],
    trustQuestions: { count: 0 },
    async announce(bytes) {
      connection.publish(TRUST_SUBJECT, bytes);
      await connection.flush();
    },
    replyLimit: 256,
    admits: true,
    admitsBy: 'ctl-1',
    answer: 'commit',
    committedToken(result) {
      const iat = Math.floor(Date.now() / 1000);
      const results = [digestText(sha256(result))];
      return tokenOf('committed', { iss: 'ctl-1', iat, exp: iat + 60, results }, KEYS['ctl-1']);
    },
    async publishAbort(envelope) {
      connection.publish(ABORTS_SUBJECT, envelope);
      await connection.flush();
    },
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
    const { claims } = await claimsIn('result', signature, { keyring, nowMs: Date.now() });
    if (claims.what === 'facts' && claims.sha256 === digestText(sha256(facts)))
      controller.hellos.push(decoded);
    return undefined;
  });
  void hear(connection, 'orders', async query => {
    controller.questions.count++;
    const answered = new Set(controller.results.map(({ requestDigest }) => digestText(requestDigest)));
    const open = controller.openOrders
      .map(orderEnvelopeCodec.decode)
      .filter(({ request }) => !answered.has(digestText(sha256(request))));
    const orders = open.slice(0, controller.replyLimit);
    const aborts = controller.openAborts.map(abortEnvelopeCodec.decode);
    const admission = controller.admits ? await admissionFor(query, { by: controller.admitsBy }) : undefined;
    const held = controller.admits ? '' : 'held by the test';
    return ordersReplyCodec.encode({
      orders,
      aborts,
      labels: [],
      held,
      ...(admission !== undefined && { admission }),
    });
  });
  void hear(connection, 'trust', async bytes => {
    controller.trustQuestions.count++;
    const { afterVersion } = trustQueryCodec.decode(bytes);
    const newest = controller.bundles.at(-1);
    const newestVersion = newest ? versionOf(newest) : 0;
    const bundles = controller.bundles.filter(each => versionOf(each) > afterVersion);
    return trustReplyCodec.encode({ bundles, lastVersion: newestVersion, newestVersion });
  });
  void hear(connection, 'result', async (bytes, host) => {
    const { result, signature } = resultEnvelopeCodec.decode(bytes);
    const keyring = keyrings.get(host);
    if (!keyring) return undefined;
    const { claims } = await claimsIn('result', signature, { keyring, nowMs: Date.now() });
    if (claims.what !== 'result' || claims.sha256 !== digestText(sha256(result))) return undefined;
    controller.results.push(callResultCodec.decode(result));
    if (controller.answer === 'silence') return undefined;
    const committed = controller.answer === 'commit';
    return resultCommittedCodec.encode({
      resultDigest: sha256(result),
      committed,
      reason: committed ? '' : 'not wanted',
      token: committed ? await controller.committedToken(result) : '',
    });
  });
  await connection.flush();
  return controller;
}

function versionOf({ bundle }: SignedBundle): number {
  return decodeTrustBundle(bundle).version;
}

function ringOf(host: string, jwk: PublicJwk): Keyring {
  return new Map([[keyId(jwk), { owner: host, key: publicKeyOf(jwk) }]]);
}

async function hear(
  connection: NatsConnection,
  topic: HostTopic,
  reply: (bytes: Uint8Array, host: string) => Promise<Uint8Array | undefined>,
): Promise<void> {
  for await (const message of connection.subscribe(allHostsSubject(topic))) {
    const answer = await reply(new Uint8Array(message.data), hostOfSubject(message.subject));
    if (answer) message.respond(answer);
  }
}
