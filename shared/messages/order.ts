import { z } from 'zod';
import { PROGRAM_LIMIT_BYTES } from '../limits/index.ts';
import { messageCodec } from './codec.ts';
import { bundleStatementToken, bytes, checkpointToken, compactToken, hostName } from './fields.ts';

const orderEnvelopeSchema = z.object({
  request: bytes,
  approvals: z.array(compactToken).max(64),
  order: compactToken,
  withdrawals: z.array(compactToken).max(64),
  /** The requester's farcall-request+jwt. */
  requestToken: compactToken,
});

/** One wave's order on its way to the hosts. It is not trusted until `agent/verify` has verified it. */
export type OrderEnvelope = z.infer<typeof orderEnvelopeSchema>;

/** Codec of OrderEnvelope. */
export const orderEnvelopeCodec = messageCodec('OrderEnvelope', orderEnvelopeSchema);

const abortEnvelopeSchema = z.object({ request: bytes, abort: compactToken });

/** An abort on its way to the hosts. It is not trusted until `agent/verify` has verified it. */
export type AbortEnvelope = z.infer<typeof abortEnvelopeSchema>;

/** Codec of AbortEnvelope. */
export const abortEnvelopeCodec = messageCodec(
  'AbortEnvelope',
  abortEnvelopeSchema,
  PROGRAM_LIMIT_BYTES + 32_768,
);

/**
 * Codec of OrdersQuery: a host says how far its journal has come, and asks for the open orders that it
 * missed.
 */
export const ordersQueryCodec = messageCodec(
  'OrdersQuery',
  z.object({ host: hostName, journal: bytes, signature: compactToken }),
  16_384,
);

/** Codec of OrdersReply: open orders, and aborts of their requests. */
export const ordersReplyCodec = messageCodec(
  'OrdersReply',
  z.object({
    orders: z.array(orderEnvelopeSchema).max(256),
    aborts: z.array(abortEnvelopeSchema).max(256),
    /** The controller's newest checkpoint of its audit log; absent if it has none. */
    checkpoint: checkpointToken.optional(),
    /** A farcall-freshness+jwt: which trust bundle is the newest. */
    freshness: bundleStatementToken.optional(),
    /** farcall-admission+jwt; absent if the host may run nothing, and `held` says why. */
    admission: compactToken.optional(),
    held: z.string().max(1024),
  }),
);
