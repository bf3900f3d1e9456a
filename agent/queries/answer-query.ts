import { FarcallError } from '../../shared/errors/index.ts';
import type { SlidingWindowOptions } from '../../shared/limits/index.ts';
import { currentTrust, type OrderContext } from '../context/index.ts';
import { authenticateQuery, type QueryWithToken } from '../verify/index.ts';

/**
 * The parts of this host that answer queries: all that orders have, but the journal and the signer of
 * modules.
 */
export type QueryContext = Pick<
  OrderContext,
  'trust' | 'policy' | 'identity' | 'stages' | 'writes' | 'clock' | 'counters' | 'log'
>;

/** A query that is certain to come from a controller and to be meant for this host. */
export interface AuthenticQuery<Query> {
  readonly query: Query;
  /** SHA-256 of the query's bytes; the reply names it. */
  readonly digest: Uint8Array;
}

/** One kind of query: how its messages are read, and what this host replies. */
export interface QueryHandler<Query> {
  /**
   * The subject, the kind of the controller's token and the kind of this host's statement, which have one
   * name.
   */
  readonly topic: 'plan' | 'types';
  /** Most replies in a window of time. Queries that are not authentic do not count. */
  readonly rate: SlidingWindowOptions;
  /** Throws MESSAGE_INVALID. */
  readonly decodeEnvelope: (bytes: Uint8Array) => QueryWithToken;
  /** Throws MESSAGE_INVALID. */
  readonly decodeQuery: (bytes: Uint8Array) => Query;
  /** The names of the hosts that the query asks. */
  readonly hostsOf: (query: Query) => readonly string[];
  /** The bytes of the reply, which {@link answerQuery} then signs. */
  readonly reply: (asked: AuthenticQuery<Query>) => Promise<Uint8Array>;
  readonly encodeSigned: (signed: { readonly reply: Uint8Array; readonly signature: string }) => Uint8Array;
  /** Forgets what the handler kept to save work. */
  readonly clear?: () => void;
}

/**
 * The signed reply to the bytes of an envelope. Calls `mayReply` once the query is authentic; throws
 * RATE_LIMITED if that is false, and other FarcallErrors for bytes that get no reply.
 */
export async function answerQuery<Query>(
  envelopeBytes: Uint8Array,
  handler: QueryHandler<Query>,
  { context, mayReply }: { readonly context: QueryContext; readonly mayReply: () => boolean },
): Promise<Uint8Array> {
  const asked = await authenticate(envelopeBytes, handler, context);
  const { topic } = handler;
  if (!mayReply()) throw new FarcallError('RATE_LIMITED', `this host got too many ${topic} queries just now`);
  const reply = await handler.reply(asked);
  const signature = await context.identity.sign(topic, reply, context.clock.nowMs());
  return handler.encodeSigned({ reply, signature });
}

/**
 * Establishes that a controller sent the query, and that it is meant for this host.
 *
 * Threats:
 * - Somebody who reaches the subject, as the broker does, has hosts compile programs of their choice and
 *   learns what these would do: the token is by a controller that this host's own bundle names, over exactly
 *   these bytes.
 * - A query for one host is turned to another: the hosts are named in the bytes.
 * - An old query is sent again: its token lives for two minutes, a second reply tells no more than the first,
 *   and the number of replies is limited.
 * - A controller whose key was stolen asks: it learns what the host's policy tells to everybody who may
 *   request calls, and nothing runs.
 */
async function authenticate<Query>(
  envelopeBytes: Uint8Array,
  { topic, decodeEnvelope, decodeQuery, hostsOf }: QueryHandler<Query>,
  context: QueryContext,
): Promise<AuthenticQuery<Query>> {
  const trust = currentTrust(context);
  const envelope = decodeEnvelope(envelopeBytes);
  const digest = await authenticateQuery(topic, envelope, trust);
  const query = decodeQuery(envelope.query);
  if (!hostsOf(query).includes(trust.host))
    throw new FarcallError('NOT_SELECTED', `the ${topic} query does not ask ${trust.host}`);
  return { query, digest };
}
