import {
  type PlanQuery,
  planEnvelopeCodec,
  planQueryCodec,
  signedPlanReplyCodec,
} from '../../shared/messages/index.ts';
import type { QueryContext, QueryHandler } from '../queries/index.ts';
import { encodeReply, makeReply } from './make-reply.ts';

/**
 * Answers queries for plans. A plan yields every few milliseconds, and a call runs in a process of its own.
 */
export function planQueries(context: QueryContext): QueryHandler<PlanQuery> {
  return {
    topic: 'plan',
    rate: { most: 30, windowMs: 60_000 },
    decodeEnvelope: planEnvelopeCodec.decode,
    decodeQuery: planQueryCodec.decode,
    hostsOf: ({ hosts }) => hosts,
    reply: async asked => encodeReply(await makeReply(asked, context)),
    encodeSigned: signedPlanReplyCodec.encode,
  };
}
