import { FarcallError } from '../../shared/errors/index.ts';
import {
  type PlanQuery,
  planEnvelopeCodec,
  planQueryCodec,
  type SignedPlanReply,
} from '../../shared/messages/index.ts';
import { type OrderContext, trustNow } from '../run-order/index.ts';
import { authenticateQuestion, type HostTrust } from '../verify/index.ts';
import { encodeReply, makeReply } from './make-reply.ts';

/** What a plan meets on this host. */
export type PlanContext = Pick<
  OrderContext,
  'trust' | 'policy' | 'identity' | 'stages' | 'clock' | 'counters' | 'log'
>;

/** A query of which it is certain that a controller asks it, and this host. */
export interface AuthenticQuery {
  readonly query: PlanQuery;
  readonly digest: Uint8Array;
}

/**
 * What this host says to bytes on its subject of plans, signed. `mayAnswer` is asked once it is certain that a controller
 * asks. Throws FarcallError for bytes that are not answered at all.
 */
export async function answerPlan(
  envelopeBytes: Uint8Array,
  context: PlanContext,
  mayAnswer: () => boolean,
): Promise<SignedPlanReply> {
  const nowMs = context.clock.nowMs();
  const asked = await authenticateQuery(envelopeBytes, trustNow(context));
  if (!mayAnswer()) throw new FarcallError('RATE_LIMITED', 'this host was asked for too many plans');
  const reply = encodeReply(await makeReply(asked, context));
  return { reply, signature: await context.identity.sign('plan', reply, nowMs) };
}

/**
 * Establishes who asks, and that this host is meant.
 *
 * Threats: somebody who reaches the subject, as the broker does, has hosts compile what he likes, and learns of each what
 * it would do (token by a controller that this host's own bundle names, over exactly these bytes); a query for one host is
 * turned to another (the hosts stand in the bytes); an old one is sent again (it lives for two minutes, and to answer it
 * twice does nothing that to answer it once did not; how many are answered is limited). A stolen controller key can ask: that
 * tells it what the host's policy lets be told to everybody who may ask for calls, and nothing runs.
 */
async function authenticateQuery(envelopeBytes: Uint8Array, trust: HostTrust): Promise<AuthenticQuery> {
  const envelope = planEnvelopeCodec.decode(envelopeBytes);
  const digest = await authenticateQuestion('plan', envelope, trust);
  const query = planQueryCodec.decode(envelope.query);
  if (!query.hosts.includes(trust.host))
    throw new FarcallError('NOT_SELECTED', `the query ${query.id} does not ask ${trust.host}`);
  return { query, digest };
}
